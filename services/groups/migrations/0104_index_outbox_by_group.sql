-- migrate:up transaction:false
-- For the answer to another service: the latest facts of one group.
CREATE INDEX CONCURRENTLY outbox_of_group ON outbox (subject, id);

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY outbox_of_group;
