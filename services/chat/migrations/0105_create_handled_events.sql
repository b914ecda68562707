-- migrate:up
-- Facts of groups that were applied: a fact that comes again writes no second system message.
CREATE TABLE handled_events (
    event_id   uuid        PRIMARY KEY,
    handled_at timestamptz NOT NULL DEFAULT now()
);

-- For the sweep: no redelivery or replay is older than the replay log.
CREATE INDEX handled_events_by_age ON handled_events (handled_at);

-- migrate:down
DROP TABLE handled_events;
