-- migrate:up
-- Chat's copy of the groups, kept by the facts of the groups service, and chat's own counters.
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
    created_at                timestamptz NOT NULL,
    updated_at                timestamptz NOT NULL,
    -- The newest fact that set the group's state, and up to which fact the memberships are known:
    -- apart, so that a late fact about members still counts after a newer one about the name.
    version                   integer     NOT NULL DEFAULT 0,
    members_version           integer     NOT NULL DEFAULT 0,
    is_deleted                boolean     NOT NULL DEFAULT false,
    member_count              integer     NOT NULL DEFAULT 0,
    last_seq                  bigint      NOT NULL DEFAULT 0,
    -- How many messages count as unread for those who have read nothing: system messages don't.
    last_ordinal              bigint      NOT NULL DEFAULT 0,
    last_message_id           uuid,
    last_activity_at          timestamptz NOT NULL
-- Every message bumps the counters: room on the page keeps those updates away from the index.
) WITH (fillfactor = 50);

-- migrate:down
DROP TABLE groups;
