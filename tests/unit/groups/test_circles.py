"""Who may do what in a group."""

from collections.abc import Callable

import pytest

from services.groups.domain.circles import Circle, others
from services.groups.domain.groups import GroupSettings
from services.groups.errors import (
    CreatorMustTransfer,
    CreatorProtected,
    DmImmutable,
    GroupFull,
    GroupNotFound,
    MaxMembersBelowSize,
    MemberNotFound,
    NotAMember,
    NotAnAdmin,
    NotTheCreator,
)
from shared.errors import Refusal
from tests.unit.groups.builders import a_circle, a_dm, a_member

Rule = Callable[[Circle, str], None]

RULES: dict[str, Rule] = {
    "edit": lambda circle, actor: circle.ensure_may_edit(actor, {"name": "New"}),
    "settings": lambda circle, actor: circle.ensure_may_edit(actor, {"settings": {}}),
    "add": lambda circle, actor: circle.ensure_admin(actor),
    "manage carol": lambda circle, actor: circle.ensure_may_manage(actor, "carol"),
    "manage alice": lambda circle, actor: circle.ensure_may_manage(actor, "alice"),
    "manage nobody": lambda circle, actor: circle.ensure_may_manage(actor, "nobody"),
    "leave": lambda circle, actor: circle.ensure_may_leave(actor),
    "transfer": lambda circle, actor: circle.ensure_may_transfer(actor, "carol"),
    "transfer away": lambda circle, actor: circle.ensure_may_transfer(actor, "nobody"),
    "delete": lambda circle, actor: circle.ensure_creator(actor),
}

# Rule: what alice (creator), bob (admin) and carol (member) are told.
TOLD: dict[str, tuple[type[Refusal] | None, type[Refusal] | None, type[Refusal] | None]] = {
    "edit": (None, None, NotAnAdmin),
    "settings": (None, None, NotAnAdmin),
    "add": (None, None, NotAnAdmin),
    "manage carol": (None, None, NotAnAdmin),
    "manage alice": (CreatorProtected, CreatorProtected, NotAnAdmin),
    "manage nobody": (MemberNotFound, MemberNotFound, NotAnAdmin),
    "leave": (CreatorMustTransfer, None, None),
    "transfer": (None, NotTheCreator, NotTheCreator),
    "transfer away": (NotAMember, NotTheCreator, NotTheCreator),
    "delete": (None, NotTheCreator, NotTheCreator),
}


def outcome(rule: Rule, circle: Circle, actor: str) -> type[Refusal] | None:
    try:
        rule(circle, actor)
    except Refusal as refusal:
        return type(refusal)
    return None


@pytest.mark.parametrize("name", RULES)
def test_each_right_belongs_to_whom_the_contract_says(name: str) -> None:
    told = tuple(outcome(RULES[name], a_circle(), actor) for actor in ("alice", "bob", "carol"))
    assert told == TOLD[name]


@pytest.mark.parametrize("name", RULES)
def test_a_stranger_learns_nothing(name: str) -> None:
    assert outcome(RULES[name], a_circle(), "zoe") is GroupNotFound
    assert outcome(RULES[name], a_dm(), "zoe") is GroupNotFound


@pytest.mark.parametrize("name", RULES)
def test_nothing_changes_a_dm(name: str) -> None:
    assert outcome(RULES[name], a_dm(), "alice") is DmImmutable
    assert outcome(RULES[name], a_dm(), "bob") is DmImmutable


def test_a_member_may_edit_info_where_all_may_but_never_settings() -> None:
    circle = a_circle(GroupSettings(only_admins_can_edit_info=False))
    circle.ensure_may_edit("carol", {"name": "New", "description": "", "avatar": None})
    with pytest.raises(NotAnAdmin):
        circle.ensure_may_edit("carol", {"name": "New", "settings": {"max_members": 5}})


def test_the_limit_is_never_below_the_size() -> None:
    with pytest.raises(MaxMembersBelowSize):
        a_circle().ensure_may_edit("alice", {"settings": {"max_members": 2}})
    a_circle().ensure_may_edit("alice", {"settings": {"max_members": 3}})


def test_a_group_takes_as_many_as_its_limit_says() -> None:
    circle = a_circle(GroupSettings(max_members=5))
    circle.ensure_room_for(2)
    with pytest.raises(GroupFull):
        circle.ensure_room_for(3)


def test_each_of_two_sees_the_others_name() -> None:
    assert a_dm().seen_by("alice").name == "Bob"
    assert a_dm().seen_by("bob").name == "Alice"
    assert a_circle().seen_by("carol").name == "Climbing"


def test_members_stand_in_the_order_they_joined() -> None:
    late, early = a_member("adam", minutes=9), a_member("zoe", minutes=1)
    circle = a_circle().joined_by([late, early])
    assert list(circle.members) == ["alice", "bob", "zoe", "carol", "adam"]
    assert list(circle.without("bob").members) == ["alice", "zoe", "carol", "adam"]
    assert list(circle.with_role("zoe", "admin").members) == list(circle.members)
    assert circle.with_role("zoe", "admin").member("zoe").role == "admin"


def test_receipts_name_nobody_beyond_a_hundred_members() -> None:
    hundred = a_circle().joined_by(a_member(f"user-{n}", minutes=3) for n in range(97))
    assert hundred.seen_by("alice").receipts == "individual"
    assert hundred.joined_by([a_member("one-more")]).seen_by("alice").receipts == "aggregate"


def test_repeats_and_oneself_are_left_out() -> None:
    assert others(["b", "a", "c", "b", "a"], "a") == ["b", "c"]
    assert others([], "a") == []
