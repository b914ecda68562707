-- migrate:up
-- For the answer to another service: the latest facts of one group.
CREATE INDEX outbox_of_group ON outbox (subject, id);

-- migrate:down
DROP INDEX outbox_of_group;
