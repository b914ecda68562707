-- migrate:up
-- What tokens said last. There is no table of users: whoever never called is known by id alone.
CREATE TABLE display_names (
    user_id text COLLATE "C" PRIMARY KEY,
    name    text NOT NULL
);

-- migrate:down
DROP TABLE display_names;
