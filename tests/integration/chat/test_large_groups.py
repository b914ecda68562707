"""Receipts in groups too large to name people."""

from datetime import timedelta
from itertools import pairwise

import pytest

from shared.events.chat import MessageDelivered, MessageRead
from tests.fixtures.waiting import eventually
from tests.integration.chat.conftest import Facts, Member, World

OTHERS = [f"u{n:03}" for n in range(120)]


@pytest.fixture
async def group(alice: Member) -> str:
    return await alice.creates_group(*OTHERS)


async def test_receipts_count_people_and_name_nobody(
    world: World, alice: Member, group: str, facts: Facts
) -> None:
    message = await alice.sends(group)
    await world.deliver(group, 2, *OTHERS[:30])
    [delivered] = await facts.eventually(1, MessageDelivered)
    assert (delivered.delivered_count, delivered.total, delivered.up_to_seq) == (30, 120, 2)
    assert (delivered.delivered_to, delivered.receipts) == (None, None)
    assert [str(i) for i in delivered.message_ids] == [message["id"]]
    await world.person("u000").reads(message)
    await world.person("u119").reads(message)
    read = (await facts.eventually(1, MessageRead))[0]
    assert (read.audience, read.reader, read.total) == (("alice",), None, 120)
    status = await alice.status_of(message)
    assert (status["delivered"], status["read"]) == (31, 2)
    assert status["readBy"] == ["u000", "u119"]
    assert status["deliveredTo"] == [*OTHERS[:30], "u119"]


async def test_at_most_one_receipt_of_a_kind_goes_out_each_second(
    world: World, alice: Member, group: str, facts: Facts
) -> None:
    message = await alice.sends(group)
    for who in OTHERS[:60]:
        await world.deliver(group, 2, who)
    for who in OTHERS[:20]:
        await world.person(who).reads(message)

    async def counted() -> bool:
        delivered, read = await facts.of(MessageDelivered), await facts.of(MessageRead)
        return bool(
            delivered and delivered[-1].delivered_count == 60 and read and read[-1].read_count == 20
        )

    await eventually(counted)
    for kind in (MessageDelivered, MessageRead):
        times = await facts.recorded_at(kind)
        assert all(later - earlier >= timedelta(seconds=1) for earlier, later in pairwise(times))


async def test_each_sender_is_told_of_their_own_newest_message(
    world: World, alice: Member, group: str, facts: Facts
) -> None:
    await alice.sends(group)
    await world.person("u001").sends(group)
    await alice.sends(group)
    await world.deliver(group, 4, "u050", "u051")

    async def told_of_the_newest() -> bool:
        # The last of each, not the first two: u001 has received what came before their own message,
        # and alice may be told of that first.
        newest = {
            f.sender_id: (f.up_to_seq, f.delivered_count, len(f.message_ids))
            for f in await facts.of(MessageDelivered)
        }
        return newest == {"alice": (4, 2, 2), "u001": (3, 3, 1)}

    await eventually(told_of_the_newest)


async def test_a_group_that_shrinks_names_people_again(
    world: World, alice: Member, group: str, facts: Facts
) -> None:
    for who in OTHERS[:21]:
        await alice.removes(group, world.person(who))
    await world.handled()
    conversation = await alice.conversation(group)
    assert (conversation["group"]["memberCount"], conversation["group"]["receipts"]) == (
        100,
        "individual",
    )
    message = await alice.sends(group)
    await world.deliver(group, message["seq"], "u100")
    [fact] = await facts.eventually(1, MessageDelivered)
    assert (fact.delivered_to, fact.total) == (("u100",), 99)
