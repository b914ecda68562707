-- migrate:up
CREATE TABLE members (
    group_id  uuid        NOT NULL REFERENCES groups (id),
    -- Ids are ASCII; byte order sorts them alike here and in the program.
    user_id   text        COLLATE "C" NOT NULL,
    role      text        NOT NULL CHECK (role IN ('admin', 'member')),
    joined_at timestamptz NOT NULL,
    PRIMARY KEY (group_id, user_id)
);

-- For "my groups".
CREATE INDEX members_of_user ON members (user_id, group_id);

-- migrate:down
DROP TABLE members;
