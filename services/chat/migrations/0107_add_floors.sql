-- migrate:up
-- Up to here a group's messages are gone, because they were older than what is kept: positions and
-- the count of what can be unread.
ALTER TABLE groups ADD COLUMN floor_seq bigint NOT NULL DEFAULT 0;
ALTER TABLE groups ADD COLUMN floor_ordinal bigint NOT NULL DEFAULT 0;

-- migrate:down
ALTER TABLE groups DROP COLUMN floor_ordinal;
ALTER TABLE groups DROP COLUMN floor_seq;
