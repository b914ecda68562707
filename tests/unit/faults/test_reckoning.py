"""The reckoning finds what is lost, doubled, disordered or missing: a count that finds nothing in a
broken system would prove nothing of a sound one."""

from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest

from tests.faults.readers import StreamReader
from tests.faults.reconcile import MESSAGE_SENT, Reckoning, Tables, reckon
from tests.faults.senders import Receipt, Sent
from tests.faults.timeline import Timeline

GROUP = uuid4()


class World:
    """Alice sent three messages, and Bob got them."""

    def __init__(self) -> None:
        ids = [uuid4() for _ in range(3)]
        self.messages = [_message(id_, seq) for seq, id_ in enumerate(ids, start=1)]
        self.events = [(uuid4(), MESSAGE_SENT, _fact(id_)) for id_ in ids]
        self.entries = [
            _entry(seq, event_id, id_)
            for seq, (id_, (event_id, _, _)) in enumerate(zip(ids, self.events, strict=True), 1)
        ]
        self.top = 3
        self.frames = [(entry["seq"], str(entry["event_id"])) for entry in self.entries]
        self.sent = Sent(3, {f"k{n}": Receipt("", "", str(ids[n - 1]), n) for n in (1, 2, 3)})

    async def reckoned(self) -> Reckoning:
        tops = {"bob": {"last_seq": self.top, "total": self.top}}
        tables = Tables(self.messages, self.events, {"bob": self.entries}, tops)
        async with aiohttp.ClientSession() as http:
            reader = StreamReader(http, "bob", Timeline())
            reader.seen.cursor = "e1-0"
            for position, event_id in self.frames:
                reader.take(
                    {"id": str(position), "eventId": event_id, "type": "x"}, f"e1-{position}"
                )
            return reckon(self.sent, {str(GROUP): ["alice", "bob"]}, [reader], tables)


def _message(id_: UUID, seq: int) -> dict[str, Any]:
    return {"id": id_, "group_id": GROUP, "seq": seq, "client_message_id": f"k{seq}"}


def _fact(id_: UUID) -> dict[str, Any]:
    return {
        "message": {"id": str(id_), "type": "text"},
        "group": {"id": str(GROUP)},
        "actor": {"userId": "alice"},
        "audience": ["bob"],
    }


def _entry(seq: int, event_id: UUID, message_id: UUID) -> dict[str, Any]:
    ids = {"event_id": event_id, "message_id": message_id, "group_id": GROUP}
    return {"seq": seq, "type": "message.new", "message_seq": seq, **ids}


@pytest.fixture
def world() -> World:
    return World()


async def test_a_sound_system_has_no_violations(world: World) -> None:
    made = await world.reckoned()
    assert made.violations == []
    assert (made.acknowledged, made.entries, made.received) == (3, 3, 3)


async def test_a_message_that_was_acknowledged_and_is_gone_is_lost(world: World) -> None:
    world.messages.pop()
    assert (await world.reckoned()).lost


async def test_a_message_stored_twice_is_doubled(world: World) -> None:
    world.messages.append({**world.messages[0], "id": uuid4(), "seq": 4})
    assert (await world.reckoned()).duplicated


async def test_a_message_without_its_event_is_lost(world: World) -> None:
    world.events.pop()
    assert (await world.reckoned()).lost


async def test_an_entry_that_is_missing_is_lost(world: World) -> None:
    world.entries.pop()
    world.frames.pop()
    world.top = 2
    assert (await world.reckoned()).lost


async def test_an_entry_stored_twice_is_doubled(world: World) -> None:
    world.entries.append({**world.entries[0], "seq": 4})
    world.frames.append((4, str(world.entries[0]["event_id"])))
    world.top = 4
    made = await world.reckoned()
    assert made.duplicated
    assert made.out_of_order


async def test_a_hole_in_a_mailbox_is_a_gap(world: World) -> None:
    world.entries[2]["seq"] = 4
    world.frames[2] = (4, world.frames[2][1])
    world.top = 4
    assert (await world.reckoned()).gaps


async def test_a_frame_that_never_came_is_lost(world: World) -> None:
    world.frames.pop()
    assert (await world.reckoned()).lost


async def test_a_frame_that_came_twice_is_doubled(world: World) -> None:
    world.frames.append(world.frames[-1])
    assert (await world.reckoned()).duplicated


async def test_a_message_told_to_a_stranger_is_found(world: World) -> None:
    world.events[0][2]["audience"].append("mallory")
    assert any("others than the members" in found for found in (await world.reckoned()).violations)
