"""Who has received and read what, by /status and by what senders were told."""

from tests.fixtures.waiting import eventually
from tests.scenarios.histories.nouns import OK, Group, Message
from tests.scenarios.histories.story import Player, Story, expect
from tests.scenarios.people import Json


async def check_status(
    story: Story, who: Player, group: Group, message: Message, shown: Json
) -> None:
    """Who has read is known; whom it has reached depends on moments, but to read is to receive,
    nobody is named who was not there or never listened, and nobody is taken back."""
    answer = await who.user.get(f"/v1/messages/{message.id}/status")
    expect(answer, OK)
    status = answer.body
    delivered, read = set(status["deliveredTo"]), set(status["readBy"])
    assert read == {each for each in message.audience if group.read.get(each, 0) >= message.seq}
    may_have_it = {each.id for each in story.players if each.has_listened} | read
    before = story.delivered_to.setdefault(message.id, set())
    assert before | read <= delivered <= message.audience & may_have_it, (before, status)
    before |= delivered
    counts = (status["total"], status["delivered"], status["read"])
    assert counts == (len(message.audience), len(delivered), len(read))
    # Shown a moment before.
    assert (shown["status"]["total"], shown["status"]["read"]) == (counts[0], counts[2])
    assert len(read) <= shown["status"]["delivered"] <= len(delivered)


async def check_deliveries(story: Story) -> None:
    """What devices hold counts as delivered, and senders are told the same as /status says."""
    for group in story.world.groups:
        insider = next((each for each in story.players if group.has(each.id)), None)
        for message in group.messages:
            if insider is not None and not message.is_system:
                await _names_holders(story, insider, message)
    for who in story.players:
        await _is_told_of_deliveries(story, who)


async def _names_holders(story: Story, insider: Player, message: Message) -> None:
    holders = {who.id for who in story.players if message.id in who.held_messages()}
    delivered = story.delivered_to.setdefault(message.id, set())

    async def named() -> bool:
        delivered.update((await insider.user.status_of({"id": message.id}))["deliveredTo"])
        return holders <= delivered

    await eventually(named)


async def _is_told_of_deliveries(story: Story, who: Player) -> None:
    """Each push covers more than the one before. Who deleted some of them may miss the last."""
    wanted = {
        (group.id, other): message.seq
        for group in story.world.groups
        for message in group.messages
        if message.sender == who.id and any(group.has(each.id) for each in story.players)
        for other in sorted(story.delivered_to.get(message.id, set()))
    }
    told: dict[tuple[str, str], int] = {}

    async def is_told() -> bool:
        told.clear()
        for entry in await who.user.whole_inbox():
            if entry["type"] != "message.delivered":
                continue
            for receipt in entry["data"]["receipts"]:
                key = (entry["data"]["groupId"], receipt["userId"])
                assert receipt["upToSeq"] > told.get(key, 0), entry
                told[key] = receipt["upToSeq"]
        return bool(who.deleted) or all(told.get(key) == seq for key, seq in wanted.items())

    try:
        await eventually(is_told)
    except TimeoutError:
        raise AssertionError(f"{who.id} was told {told}, not {wanted}") from None
