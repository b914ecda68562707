-- migrate:up
-- Watermarks that moved and of which the senders have not been told. Writers only insert and the
-- one that tells only deletes, so that neither waits for the other. `user_id` is null where the
-- group is too large for receipts that name people.
CREATE TABLE pending_receipts (
    group_id uuid   NOT NULL,
    kind     text   NOT NULL CHECK (kind IN ('delivered', 'read')),
    user_id  text   COLLATE "C",
    from_seq bigint NOT NULL,
    to_seq   bigint NOT NULL CHECK (to_seq > from_seq)
-- Rows live for milliseconds: dead ones must not pile up until a fifth of nothing is dead.
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

CREATE INDEX pending_receipts_of_group ON pending_receipts (group_id, kind);

-- When the senders of a group may be told next. Its row is the lock of the one that tells.
CREATE TABLE receipt_windows (
    group_id uuid        NOT NULL,
    kind     text        NOT NULL,
    open_at  timestamptz NOT NULL,
    PRIMARY KEY (group_id, kind)
) WITH (fillfactor = 50);

-- migrate:down
DROP TABLE receipt_windows;
DROP TABLE pending_receipts;
