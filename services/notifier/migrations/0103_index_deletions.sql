-- migrate:up transaction:false
-- A message that comes late, after its deletion, must not bring its content back.
CREATE INDEX CONCURRENTLY events_deletion ON events (message_id) WHERE type = 'message.deleted';

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY events_deletion;
