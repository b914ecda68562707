-- migrate:up
CREATE TABLE outbox (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id     uuid        NOT NULL,
    type         text        NOT NULL,
    subject      uuid,
    body         bytea       NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz
);

-- The relay selects by state, never by a cursor over ids: ids are taken at INSERT but appear at
-- COMMIT, so a cursor would step over a row that commits late, for ever.
CREATE INDEX outbox_unpublished ON outbox (id) WHERE published_at IS NULL;

-- For the sweep that drops published rows after the replay window.
CREATE INDEX outbox_published ON outbox (published_at) WHERE published_at IS NOT NULL;

-- migrate:down
DROP TABLE outbox;
