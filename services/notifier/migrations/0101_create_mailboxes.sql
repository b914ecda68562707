-- migrate:up
-- One row, made by the first replica that starts. Cursors carry the epoch, so that a rebuilt or restored store cannot take old positions
-- for its own.
CREATE TABLE store (
    epoch    bigint NOT NULL,
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row)
);

-- What an event says, stored once for all its recipients.
CREATE TABLE events (
    key         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The guard against handling an event twice.
    id          uuid        NOT NULL UNIQUE,
    type        text        NOT NULL,
    title       text        NOT NULL,
    message     text        NOT NULL,
    -- JSON as text: jsonb would reorder keys and refuse escaped characters that text keeps.
    data        text        NOT NULL,
    group_id    uuid,
    message_id  uuid,
    message_seq bigint,
    created_at  timestamptz NOT NULL
);
CREATE INDEX events_message ON events (message_id) WHERE type = 'message.new';

-- Counters stay unindexed and pages half empty, so that updates stay within their page (HOT).
CREATE TABLE mailboxes (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id       text COLLATE "C" NOT NULL UNIQUE,
    last_seq      bigint NOT NULL DEFAULT 0,
    -- Everything up to here counts as delivered.
    delivered_seq bigint NOT NULL DEFAULT 0,
    -- Everything up to here was read by read-all; later entries have a flag each.
    read_seq      bigint NOT NULL DEFAULT 0,
    -- Everything up to here is older than what is kept.
    floor_seq     bigint NOT NULL DEFAULT 0,
    unread        bigint NOT NULL DEFAULT 0 CHECK (unread >= 0),
    total         bigint NOT NULL DEFAULT 0 CHECK (total >= 0),
    CHECK (delivered_seq <= last_seq AND read_seq <= last_seq AND floor_seq <= last_seq)
) WITH (fillfactor = 45);

-- No foreign keys and no other index: this is the table that grows with members times messages.
CREATE TABLE entries (
    mailbox_id bigint  NOT NULL,
    seq        bigint  NOT NULL,
    event_key  bigint  NOT NULL,
    is_read    boolean NOT NULL,
    PRIMARY KEY (mailbox_id, seq)
);

-- migrate:down
DROP TABLE entries, mailboxes, events, store;
