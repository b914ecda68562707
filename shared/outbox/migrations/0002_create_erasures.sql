-- migrate:up
-- Here, with the outbox: the tables that every service has.
CREATE TABLE erasures (
    id           uuid        PRIMARY KEY,
    -- A keyed hash of the user id, kept for ever: facts that come late are held against it.
    person       bytea       NOT NULL,
    -- Only for as long as the erasure is at work.
    user_id      text        COLLATE "C",
    -- Facts from before this moment must not bring the person back; later ones are of somebody who
    -- came back with the same id.
    erased_until timestamptz NOT NULL,
    begun_at     timestamptz NOT NULL DEFAULT now(),
    finished_at  timestamptz,
    -- How much of what was erased.
    erased       jsonb       NOT NULL DEFAULT '{}',
    CHECK ((finished_at IS NULL) = (user_id IS NOT NULL))
);

CREATE INDEX erasures_of_person ON erasures (person);
CREATE INDEX erasures_until ON erasures (erased_until);
-- Those to be worked on.
CREATE INDEX erasures_at_work ON erasures (begun_at) WHERE finished_at IS NULL;

-- migrate:down
DROP TABLE erasures;
