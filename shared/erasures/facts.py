"""Facts without the people who were erased after they happened."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from shared.erasures.book import NAME
from shared.erasures.memory import Memory, pseudonyms
from shared.events.chat import MessageSent, UpTo
from shared.events.envelope import Event
from shared.events.fact import Erasure, Fact, Person
from shared.postgres.pool import Database

P = TypeVar("P", bound=Person)

# Where facts name people, by the names of the fields.
_PERSON = ("actor", "removed", "member", "reader")
# Those of them whose doing it is.
_DOER = ("actor", "reader")
_PEOPLE = ("members", "added")
_ID = ("sender_id", "created_by")
_IDS = ("audience", "delivered_to")


async def without_erased(
    database: Database, memory: Memory, events: Sequence[Event]
) -> Sequence[Event]:
    """The events, those from before somebody's erasure without that person, and what the person did
    without its trace, whose id clients choose. The events' own ids stay. Raises DatabaseAway."""
    # As a rule the task that erases has looked: a batch must not wait for a statement of its own.
    latest = memory.looked_up
    if latest is None:
        async with database.connection() as connection:
            latest, _ = await memory.look(connection)
    late = [e for e in events if e.time < latest and not isinstance(e.fact, Erasure)]
    if not late:
        return events
    named = set[str]().union(*(people_of(event.fact) for event in late))
    async with database.connection() as connection:
        erased = await memory.among(connection, named)
    if not erased:
        return events
    of_late = {event.id for event in late}
    return [
        _event_without(event, gone)
        if event.id in of_late and (gone := pseudonyms(erased, event.time))
        else event
        for event in events
    ]


def cut_after_erasures(events: Sequence[Event]) -> Iterator[Sequence[Event]]:
    """The events in parts, each of which ends with an erasure, or with the last of them: what comes
    after an erasure may be of somebody who came back."""
    part: list[Event] = []
    for event in events:
        part.append(event)
        if isinstance(event.fact, Erasure):
            yield part
            part = []
    if part:
        yield part


def people_of(fact: Fact) -> set[str]:
    """Everybody whom the fact names by id."""
    named: set[str | None] = {getattr(fact, name, None) for name in _ID}
    for name in _IDS:
        named.update(getattr(fact, name, None) or ())
    for name in _PERSON:
        named.add(getattr(getattr(fact, name, None), "user_id", None))
    for name in _PEOPLE:
        named.update(person.user_id for person in getattr(fact, name, ()))
    named.add(getattr(getattr(fact, "group", None), "created_by", None))
    return {user_id for user_id in named if user_id is not None}


def _event_without(event: Event, gone: Mapping[str, str]) -> Event:
    doers = (getattr(getattr(event.fact, name, None), "user_id", None) for name in _DOER)
    traceparent = None if any(doer in gone for doer in doers) else event.traceparent
    return replace(event, fact=fact_without(event.fact, gone), traceparent=traceparent)


def fact_without(fact: Fact, gone: Mapping[str, str]) -> Fact:
    """The fact as if these people (id → pseudonym) had been nobody: they are told nothing, are no
    members, and what they sent is told nobody."""
    changes: dict[str, Any] = {}

    def change(name: str, to: Callable[[Any], Any]) -> None:
        if (value := getattr(fact, name, None)) is not None:
            changes[name] = to(value)

    for name in _ID:
        change(name, lambda user_id: gone.get(user_id, user_id))
    for name in _PERSON:
        change(name, lambda person: _nobody(person, gone))
    change("added", lambda people: tuple(_nobody(person, gone) for person in people))
    change("members", lambda people: tuple(p for p in people if p.user_id not in gone))
    change("audience", lambda ids: tuple(user_id for user_id in ids if user_id not in gone))
    change("delivered_to", lambda ids: tuple(gone.get(user_id, user_id) for user_id in ids))
    change("receipts", lambda receipts: tuple(_receipt(receipt, gone) for receipt in receipts))
    change("group", lambda group: _group(group, gone))
    if isinstance(fact, MessageSent) and fact.actor.user_id in gone:
        changes["audience"] = ()
    return fact.model_copy(update=changes)


def _nobody(person: P, gone: Mapping[str, str]) -> P:
    if person.user_id not in gone:
        return person
    return person.model_copy(update={"user_id": gone[person.user_id], "name": NAME})


def _receipt(receipt: UpTo, gone: Mapping[str, str]) -> UpTo:
    return receipt.model_copy(update={"user_id": gone.get(receipt.user_id, receipt.user_id)})


def _group(group: Any, gone: Mapping[str, str]) -> Any:
    creator: str = getattr(group, "created_by", "")
    return group.model_copy(update={"created_by": gone[creator]}) if creator in gone else group
