-- migrate:up
-- What a deleted message with a client id was, as a keyed hash: a repeated call must find out whether
-- it sends the same. Null where nothing was deleted, or before this column was there.
ALTER TABLE messages ADD COLUMN fingerprint bytea;

-- migrate:down
ALTER TABLE messages DROP COLUMN fingerprint;
