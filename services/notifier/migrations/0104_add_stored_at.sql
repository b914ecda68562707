-- migrate:up
-- By when an event was stored its age is reckoned, and not by when it happened: the moments rise with
-- the keys, and with the positions in each mailbox. What is there already counts as stored now.
ALTER TABLE events ADD COLUMN stored_at timestamptz NOT NULL DEFAULT now();

-- migrate:down
ALTER TABLE events DROP COLUMN stored_at;
