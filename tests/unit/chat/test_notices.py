"""The system messages that changes of a group leave."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.chat.domain.messages import MAX_CONTENT, MAX_METADATA_BYTES
from services.chat.domain.notices import notice_of
from shared.events.fact import Fact, Person
from shared.events.groups import (
    GroupCreated,
    GroupDeleted,
    GroupSettings,
    GroupState,
    GroupUpdated,
    Member,
    MemberAdded,
    MemberLeft,
    MemberRemoved,
    MemberRoleChanged,
)

NOW = datetime.now(UTC)
ALICE, BOB, CAROL = (Person(user_id=n.lower(), name=n) for n in ("Alice", "Bob", "Carol"))


def state(kind: str = "group") -> GroupState:
    return GroupState(
        id=UUID(int=1),
        type="dm" if kind == "dm" else "group",
        name=None if kind == "dm" else "Hikers",
        description="",
        avatar=None,
        created_by="alice",
        settings=GroupSettings(),
        version=1,
        created_at=NOW,
        updated_at=NOW,
    )


def members(*people: Person) -> tuple[Member, ...]:
    return tuple(
        Member(user_id=p.user_id, name=p.name, role="member", joined_at=NOW) for p in people
    )


ABOUT = {"group": state(), "actor": ALICE, "audience": ()}
ROLE = {**ABOUT, "member": BOB, "members": ()}


@pytest.mark.parametrize(
    ("fact", "content", "event", "ids"),
    [
        (
            GroupCreated(**ABOUT, members=members(ALICE, BOB)),
            "Alice created the group",
            "group_created",
            ["bob"],
        ),
        (
            GroupCreated(**{**ABOUT, "group": state("dm")}, members=members(ALICE, BOB)),
            "Alice started the chat",
            "group_created",
            ["bob"],
        ),
        (
            MemberAdded(**ABOUT, added=(BOB,), members=()),
            "Alice added Bob",
            "member_added",
            ["bob"],
        ),
        (
            MemberAdded(**ABOUT, added=(BOB, CAROL), members=()),
            "Alice added Bob and Carol",
            "member_added",
            ["bob", "carol"],
        ),
        (
            MemberRemoved(**ABOUT, removed=BOB, members=()),
            "Alice removed Bob",
            "member_removed",
            ["bob"],
        ),
        (MemberLeft(**ABOUT, members=()), "Alice left", "member_left", ["alice"]),
        (
            MemberRoleChanged(**ROLE, role="admin"),
            "Alice made Bob an admin",
            "role_changed",
            ["bob"],
        ),
        (
            MemberRoleChanged(**ROLE, role="member"),
            "Alice made Bob a member again",
            "role_changed",
            ["bob"],
        ),
        (
            MemberRoleChanged(**ROLE, role="admin", created_by="bob"),
            "Alice handed the group over to Bob",
            "group_transferred",
            ["bob"],
        ),
    ],
)
def test_each_change_of_who_is_in_is_said(
    fact: Fact, content: str, event: str, ids: list[str]
) -> None:
    notice = notice_of(fact)
    assert notice is not None
    assert notice.content == content
    said = json.loads(notice.metadata)
    assert (said["event"], said["userIds"], said["count"]) == (event, ids, len(ids))


def test_changes_of_info_and_the_end_of_a_group_are_not_said() -> None:
    assert notice_of(GroupUpdated(**ABOUT, changes=("name",))) is None
    assert notice_of(GroupDeleted(**ABOUT)) is None


def test_a_thousand_added_at_once_fit_a_message() -> None:
    people = tuple(Person(user_id=f"{n:0128}", name="é" * 100) for n in range(1023))
    notice = notice_of(MemberAdded(**ABOUT, added=people, members=()))
    assert notice is not None
    assert len(notice.content) <= MAX_CONTENT
    assert notice.content.endswith(" and 1018 others")
    assert len(notice.metadata.encode()) <= MAX_METADATA_BYTES
    assert json.loads(notice.metadata)["count"] == 1023
    six = notice_of(MemberAdded(**ABOUT, added=people[:6], members=()))
    assert six is not None
    assert six.content.endswith(" and 1 other")
