-- migrate:up
-- Nothing of this is written once more for each recipient: an event's row is written once, and what a
-- reader marks is updated by the same statement as before.
-- Of the call that the event goes back to: W3C trace context.
ALTER TABLE events ADD COLUMN trace_id text;
ALTER TABLE entries ADD COLUMN read_at timestamptz;
-- The last read-all: when, and above which position it read.
ALTER TABLE mailboxes
    ADD COLUMN read_all_at   timestamptz,
    ADD COLUMN read_all_from bigint NOT NULL DEFAULT 0;

-- migrate:down
ALTER TABLE mailboxes DROP COLUMN read_all_at, DROP COLUMN read_all_from;
ALTER TABLE entries DROP COLUMN read_at;
ALTER TABLE events DROP COLUMN trace_id;
