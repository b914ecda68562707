-- migrate:up
-- What each service has said of an erasure: chat hears them all, and keeps the report.
CREATE TABLE erasure_answers (
    erasure_id uuid        NOT NULL,
    service    text        NOT NULL,
    erased_at  timestamptz NOT NULL,
    erased     jsonb       NOT NULL,
    PRIMARY KEY (erasure_id, service)
);

-- migrate:down
DROP TABLE erasure_answers;
