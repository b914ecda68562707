-- migrate:up
CREATE TABLE messages (
    id                uuid        PRIMARY KEY,
    group_id          uuid        NOT NULL,
    seq               bigint      NOT NULL,
    -- The position among the messages of the group that count as unread; a system message bears
    -- that of the one before it.
    ordinal           bigint      NOT NULL,
    sender_id         text        COLLATE "C" NOT NULL,
    type              text        NOT NULL CHECK (type IN ('text', 'image', 'file', 'system')),
    content           text        NOT NULL,
    -- Compact JSON, as sent: jsonb would reorder keys and rewrite numbers.
    metadata          text,
    client_message_id text,
    -- Members at the time, without the sender: the denominator of the receipts.
    total             integer     NOT NULL,
    is_deleted        boolean     NOT NULL DEFAULT false,
    created_at        timestamptz NOT NULL
);

-- Contiguous from 1 in each group: the row lock on the group hands the numbers out.
CREATE UNIQUE INDEX messages_in_order ON messages (group_id, seq);

-- One message per client id, whatever the races.
CREATE UNIQUE INDEX messages_by_client_id ON messages (group_id, sender_id, client_message_id)
    WHERE client_message_id IS NOT NULL;

-- migrate:down
DROP TABLE messages;
