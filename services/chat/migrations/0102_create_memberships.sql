-- migrate:up
-- Intervals: who leaves and comes back has two rows. A message with `seq` was sent to those with
-- joined_seq < seq and (left_seq IS NULL OR seq <= left_seq).
CREATE TABLE memberships (
    group_id       uuid        NOT NULL REFERENCES groups (id),
    -- User ids are ASCII; byte order sorts them alike here and in the program.
    user_id        text        COLLATE "C" NOT NULL,
    role           text        NOT NULL CHECK (role IN ('admin', 'member')),
    joined_at      timestamptz NOT NULL,
    joined_seq     bigint      NOT NULL,
    joined_ordinal bigint      NOT NULL,
    left_seq       bigint      CHECK (left_seq >= joined_seq),
    PRIMARY KEY (group_id, user_id, joined_seq)
);

-- At most one membership at a time; also the audience of a message.
CREATE UNIQUE INDEX memberships_present ON memberships (group_id, user_id) WHERE left_seq IS NULL;

-- For "my groups".
CREATE INDEX memberships_of_user ON memberships (user_id, group_id) WHERE left_seq IS NULL;

-- Up to where a member has received and read. Kept when the member leaves, and over a return.
CREATE TABLE watermarks (
    group_id      uuid   NOT NULL,
    user_id       text   COLLATE "C" NOT NULL,
    delivered_seq bigint NOT NULL DEFAULT 0,
    read_seq      bigint NOT NULL DEFAULT 0,
    read_ordinal  bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (group_id, user_id),
    CHECK (0 <= read_seq AND read_seq <= delivered_seq)
-- Moved by every delivery: room on the page keeps those updates away from the index.
) WITH (fillfactor = 50);

-- What facts and tokens called people last; whoever is missing is known by id alone.
CREATE TABLE display_names (
    user_id text        COLLATE "C" PRIMARY KEY,
    name    text        NOT NULL,
    seen_at timestamptz NOT NULL
);

-- migrate:down
DROP TABLE display_names;
DROP TABLE watermarks;
DROP TABLE memberships;
