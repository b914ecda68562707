-- migrate:up
CREATE TABLE groups (
    id                        uuid        PRIMARY KEY,
    type                      text        NOT NULL CHECK (type IN ('group', 'dm')),
    name                      text,
    description               text        NOT NULL,
    avatar                    text,
    created_by                text        NOT NULL,
    only_admins_can_message   boolean     NOT NULL,
    only_admins_can_edit_info boolean     NOT NULL,
    max_members               integer     NOT NULL,
    version                   integer     NOT NULL DEFAULT 1,
    is_deleted                boolean     NOT NULL DEFAULT false,
    created_at                timestamptz NOT NULL DEFAULT now(),
    updated_at                timestamptz NOT NULL DEFAULT now(),
    -- Both user ids, sorted and joined by a comma, which ids can't contain: of two people who open
    -- a dm with each other at once, one inserts and the other finds it.
    dm_key                    text        COLLATE "C" UNIQUE,
    CHECK ((type = 'dm') = (name IS NULL)),
    CHECK ((type = 'dm') = (dm_key IS NOT NULL))
);

-- migrate:down
DROP TABLE groups;
