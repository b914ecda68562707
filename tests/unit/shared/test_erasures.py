"""Facts without the people who were erased after they happened."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from shared.erasures.facts import fact_without, people_of
from shared.erasures.memory import Memory
from shared.events.chat import MessageSent
from shared.events.envelope import Event, decode, encode, new_event
from shared.events.fact import Erasure, GroupFact
from shared.postgres.pool import Connection
from tests.builders import a_group_created, a_message, a_message_delivered, a_message_sent

PUBLISHED = sorted((Path(__file__).parents[2] / "contracts" / "published").glob("*.json"))


def published() -> list[Event]:
    events = [decode(path.read_bytes()) for path in PUBLISHED]
    return [event for event in events if isinstance(event.fact, GroupFact)]


@pytest.mark.parametrize("event", published(), ids=lambda event: event.type)
def test_whoever_a_fact_names_can_be_taken_out_of_it(event: Event) -> None:
    """A field for people that is new to a fact must be known here as well."""
    for person in people_of(event.fact):
        fact = fact_without(event.fact, {person: "erased-1"})
        left = encode(new_event(fact))
        if isinstance(fact, MessageSent):
            # What somebody wrote may name anybody: what the erased wrote is told nobody.
            left = encode(new_event(fact.model_copy(update={"message": a_message()})))
        assert f'"{person}"'.encode() not in left
        assert decode(left).type == event.type


@pytest.mark.parametrize("event", published(), ids=lambda event: event.type)
def test_every_id_in_a_fact_is_found(event: Event) -> None:
    everybody = people_of(event.fact)
    bare = event.fact
    for person in everybody:
        bare = fact_without(bare, {person: f"erased-{len(person)}"})
    assert all(name.startswith("erased-") for name in people_of(bare))


def test_others_in_a_fact_stay_as_they_are() -> None:
    fact = a_group_created(by="alice", invited=("bob", "carol"))
    left = fact_without(fact, {"bob": "erased-1"})
    assert people_of(left) == {"alice", "carol"}
    assert left.model_dump()["actor"] == fact.model_dump()["actor"]


def test_a_receipt_counts_as_many_as_before() -> None:
    left = fact_without(a_message_delivered(to=("bob", "carol")), {"bob": "erased-1"})
    assert left.model_dump()["delivered_to"] == ("erased-1", "carol")


def test_what_they_sent_is_told_nobody() -> None:
    left = fact_without(a_message_sent(sender="bob", to=("alice",)), {"bob": "erased-1"})
    assert isinstance(left, MessageSent)
    assert left.audience == ()


def test_the_erasure_itself_is_no_fact_of_a_group() -> None:
    assert not issubclass(Erasure, GroupFact)


class Look:
    """A connection whose look at the erasures ends when it is told to."""

    def __init__(self, latest: datetime | None) -> None:
        self.latest, self.may_end = latest, asyncio.Event()

    async def fetchrow(self, _: str) -> dict[str, object]:
        await self.may_end.wait()
        return {"latest": self.latest, "at_work": self.latest is not None}


async def test_a_look_from_before_somebody_was_noted_is_not_believed() -> None:
    memory, before, after = Memory("a" * 32), Look(None), Look(datetime.now(UTC))
    looking = asyncio.ensure_future(memory.look(cast(Connection, before)))
    await asyncio.sleep(0)
    memory.forget_what_was_looked_up()
    before.may_end.set()
    assert (await looking)[1] is False
    assert memory.looked_up is None

    after.may_end.set()
    await memory.look(cast(Connection, after))
    assert memory.looked_up == after.latest


def test_ids_are_remembered_by_a_hash_that_needs_the_secret() -> None:
    one, other = Memory("a" * 32), Memory("b" * 32)
    assert one.hash("bob") == Memory("a" * 32).hash("bob")
    assert one.hash("bob") != other.hash("bob")
    assert one.hash("bob") != one.hash("Bob")
    assert b"bob" not in one.hash("bob")
