"""Notices: the system messages that the changes of a group leave in its history."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import singledispatch

from shared.events.fact import Fact, Person
from shared.events.groups import (
    GroupCreated,
    MemberAdded,
    MemberLeft,
    MemberRemoved,
    MemberRoleChanged,
)

# Of a thousand people added at once, a line names a few; metadata stays within its limit for ids
# of any length.
NAMED = 5
LISTED_IDS = 50


@dataclass(frozen=True, slots=True)
class Notice:
    """`metadata` is compact JSON that says the same to programs."""

    content: str
    metadata: str


def unnamed(fact: Fact) -> list[str]:
    """Those who are spoken of by their id, because the teller knew no name."""
    return [person.user_id for person in _spoken_of(fact) if person.name == person.user_id]


def named(fact: Fact, names: Mapping[str, str]) -> Fact:
    """The fact, with names for those whom it speaks of by their id."""

    def known(person: Person) -> Person:
        name = names.get(person.user_id)
        return person if name is None else person.model_copy(update={"name": name})

    match fact:
        case MemberAdded():
            return fact.model_copy(update={"added": tuple(map(known, fact.added))})
        case MemberRemoved():
            return fact.model_copy(update={"removed": known(fact.removed)})
        case MemberRoleChanged():
            return fact.model_copy(update={"member": known(fact.member)})
    return fact


def _spoken_of(fact: Fact) -> Sequence[Person]:
    match fact:
        case MemberAdded():
            return fact.added
        case MemberRemoved():
            return [fact.removed]
        case MemberRoleChanged():
            return [fact.member]
    return ()


@singledispatch
def notice_of(fact: Fact) -> Notice | None:
    """The notice that `fact` leaves; None for facts that leave none."""
    return None


@notice_of.register
def _(fact: GroupCreated) -> Notice:
    others = [member for member in fact.members if member.user_id != fact.actor.user_id]
    what = "started the chat" if fact.group.type == "dm" else "created the group"
    return _notice(f"{fact.actor.name} {what}", "group_created", others)


@notice_of.register
def _(fact: MemberAdded) -> Notice:
    return _notice(f"{fact.actor.name} added {_names(fact.added)}", "member_added", fact.added)


@notice_of.register
def _(fact: MemberRemoved) -> Notice:
    return _notice(
        f"{fact.actor.name} removed {fact.removed.name}", "member_removed", [fact.removed]
    )


@notice_of.register
def _(fact: MemberLeft) -> Notice:
    return _notice(f"{fact.actor.name} left", "member_left", [fact.actor])


@notice_of.register
def _(fact: MemberRoleChanged) -> Notice:
    who, whom = fact.actor.name, fact.member.name
    if fact.created_by is not None:
        return _notice(f"{who} handed the group over to {whom}", "group_transferred", [fact.member])
    said = f"made {whom} an admin" if fact.role == "admin" else f"made {whom} a member again"
    return _notice(f"{who} {said}", "role_changed", [fact.member], role=fact.role)


def _notice(content: str, event: str, people: Sequence[Person], **more: str) -> Notice:
    ids = [person.user_id for person in people[:LISTED_IDS]]
    metadata = {"event": event, "userIds": ids, "count": len(people), **more}
    return Notice(content, json.dumps(metadata, separators=(",", ":")))


def _names(people: Sequence[Person]) -> str:
    """`Bob`, `Bob and Carol`, `Bob, Carol and 998 others`."""
    names = [person.name for person in people[:NAMED]]
    if left := len(people) - len(names):
        names.append(f"{left} other{'s' if left > 1 else ''}")
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
