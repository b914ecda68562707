-- migrate:up
-- A message that comes late, after its deletion, must not bring its content back.
CREATE INDEX events_deletion ON events (message_id) WHERE type = 'message.deleted';

-- migrate:down
DROP INDEX events_deletion;
