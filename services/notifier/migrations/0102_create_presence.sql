-- migrate:up
-- A replica lives until its lease runs out; a crashed one takes its streams with it.
CREATE TABLE replicas (
    name        text PRIMARY KEY,
    alive_until timestamptz NOT NULL
);

CREATE TABLE stream_sessions (
    id        uuid PRIMARY KEY,
    user_id   text COLLATE "C" NOT NULL,
    replica   text NOT NULL,
    opened_at timestamptz NOT NULL
);
CREATE INDEX stream_sessions_user ON stream_sessions (user_id, opened_at);
CREATE INDEX stream_sessions_replica ON stream_sessions (replica);

CREATE TABLE presence (
    user_id      text COLLATE "C" PRIMARY KEY,
    last_seen    timestamptz NOT NULL,
    -- A poll keeps its user online for a while after it ended.
    online_until timestamptz NOT NULL
) WITH (fillfactor = 70);

-- migrate:down
DROP TABLE presence, stream_sessions, replicas;
