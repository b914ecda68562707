"""Keeping chat's copy of the groups."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.chat.actions.facts import message_sent
from services.chat.domain.groups import Group
from services.chat.domain.messages import Message
from services.chat.domain.notices import Notice, named, notice_of, unnamed
from services.chat.storage import display_names, groups, handled_events, members, messages
from shared import trace_context
from shared.events.envelope import Event
from shared.events.fact import Fact, Person
from shared.events.groups import (
    GroupCreated,
    GroupDeleted,
    GroupSnapshot,
    GroupState,
    GroupUpdated,
    Member,
    MemberAdded,
    MemberLeft,
    MemberRemoved,
    MemberRoleChanged,
)
from shared.ids import uuid7
from shared.outbox.record import record
from shared.postgres.pool import Connection

GroupsFact = (
    GroupCreated
    | GroupUpdated
    | GroupDeleted
    | MemberAdded
    | MemberRemoved
    | MemberLeft
    | MemberRoleChanged
)


@dataclass(frozen=True, slots=True)
class GroupsEvent:
    """A fact of groups on its way into the copy."""

    id: UUID
    time: datetime
    fact: GroupsFact
    traceparent: str | None = None

    @classmethod
    def of(cls, event: Event) -> "GroupsEvent | None":
        """The event, if it is one of groups'."""
        fact = event.fact
        if not isinstance(fact, GroupsFact):
            return None
        return cls(event.id, event.time, fact, event.traceparent)


async def apply_facts(connection: Connection, events: Sequence[GroupsEvent]) -> int:
    """Apply facts in order, in the open transaction; those applied before leave no trace again.
    Answers how many were new.

    A fact older than what is known changes nothing but still leaves its notice in the history.
    """
    copy = await _Copy.locked(connection, [event.fact.group for event in events])
    new = await copy.apply(events)
    await copy.save()
    return new


async def apply_snapshot(
    connection: Connection, snapshot: GroupSnapshot, events: Sequence[GroupsEvent]
) -> None:
    """Apply the facts that groups answered with, exactly as if they had come by the broker, then
    the present state, which also covers what groups no longer had facts of."""
    copy = await _Copy.locked(connection, [snapshot.group])
    await copy.apply(events)
    group = copy.groups[snapshot.group.id]
    group.take_state(snapshot.group, is_deleted=snapshot.is_deleted)
    await copy.take_members(group, snapshot.group.version, snapshot.members)
    await copy.save()


@dataclass(slots=True)
class _Copy:
    """The locked groups of one transaction, changed in memory and written back at its end."""

    connection: Connection
    groups: dict[UUID, Group]
    said: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    heard: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def locked(cls, connection: Connection, states: Sequence[GroupState]) -> "_Copy":
        wanted = {state.id: state for state in reversed(states)}
        found = await groups.lock(connection, list(wanted))
        if missing := wanted.keys() - found.keys():
            news = [Group.unknown(wanted[group_id]) for group_id in sorted(missing)]
            await groups.insert_missing(connection, news)
            found |= await groups.lock(connection, list(missing))
        return cls(connection, found)

    async def apply(self, events: Sequence[GroupsEvent]) -> int:
        unhandled = await handled_events.add_new(self.connection, [event.id for event in events])
        new = len(unhandled)
        for event in events:
            if event.id in unhandled:
                unhandled.remove(event.id)
                with trace_context.within(event.traceparent):
                    await self._apply_one(event)
        return new

    async def _apply_one(self, event: GroupsEvent) -> None:
        fact = event.fact
        group = self.groups[fact.group.id]
        self._learn_names(event)
        is_deleted = isinstance(fact, GroupDeleted)
        group.take_state(fact.group, is_deleted=is_deleted)
        if notice := notice_of(await self._named(fact)):
            await self._leave(group, fact.actor, notice, event.time)
        present = () if is_deleted else getattr(fact, "members", None)
        await self.take_members(group, fact.group.version, present)

    async def _named(self, fact: Fact) -> Fact:
        """The fact, with the names that are known here: groups may never have seen those people's
        tokens."""
        if not (ids := unnamed(fact)):
            return fact
        kept = await display_names.names_of(self.connection, ids)
        said = {user_id: name for user_id, (name, _) in self.said.items()}
        return named(fact, self.heard | kept | said)

    async def take_members(
        self, group: Group, version: int, present: Sequence[Member] | None
    ) -> None:
        """Replace the memberships, from the newest message on, unless newer ones are known."""
        if not group.takes_members(version, present):
            return
        present = present or ()
        ids = [member.user_id for member in present]
        await members.close_absent(self.connection, group, ids)
        await members.open_new(self.connection, group, present)
        await members.set_roles(self.connection, group, present)
        await members.add_watermarks(self.connection, group, ids)
        group.member_count = len(ids)
        self._hear(present)

    async def _leave(self, group: Group, actor: Person, notice: Notice, time: datetime) -> None:
        """Write a system message: it takes a position, counts in nobody's unread and is told to
        nobody."""
        group.last_seq += 1
        message = Message(
            id=uuid7(),
            group_id=group.id,
            seq=group.last_seq,
            ordinal=group.last_ordinal,
            sender_id=actor.user_id,
            sender_name=actor.name,
            type="system",
            content=notice.content,
            metadata=notice.metadata,
            client_message_id=None,
            is_deleted=False,
            created_at=time,
            total=0,
        )
        group.last_message_id = message.id
        group.last_activity_at = max(group.last_activity_at, time)
        await messages.insert(self.connection, message)
        await record(self.connection, message_sent(group.ref, message, ()))

    def _learn_names(self, event: GroupsEvent) -> None:
        """An actor's name comes from their own token; others' may be older than what chat knows."""
        actor = event.fact.actor
        if actor.name != actor.user_id:
            self.said[actor.user_id] = (actor.name, event.time)
        self._hear(getattr(event.fact, "added", ()))
        for name in ("removed", "member"):
            if person := getattr(event.fact, name, None):
                self._hear([person])

    def _hear(self, people: Iterable[Person]) -> None:
        self.heard |= {p.user_id: p.name for p in people if p.name != p.user_id}

    async def save(self) -> None:
        for group in self.groups.values():
            await groups.save(self.connection, group)
        # Last and sorted: names are shared between groups.
        if self.said:
            await display_names.learn(self.connection, self.said)
        if self.heard:
            await display_names.add(self.connection, self.heard)
