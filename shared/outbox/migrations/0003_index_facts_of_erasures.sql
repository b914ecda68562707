-- migrate:up transaction:false
-- The facts that name the erased one last time: they go as soon as the broker has them.
-- CONCURRENTLY, since services go on writing to a table that may hold a day of facts; so this stands
-- alone here. When it breaks off, an invalid index is left: drop it, and migrate again.
CREATE INDEX CONCURRENTLY outbox_person_erased ON outbox (id) WHERE type LIKE '%.person.erased.v1';

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY outbox_person_erased;
