"""In the end, inboxes, devices and the model agree."""

from collections import Counter
from contextlib import suppress

from tests.fixtures.waiting import eventually
from tests.scenarios.histories.devices import Device
from tests.scenarios.histories.story import Player, Story
from tests.scenarios.histories.told import RECEIPTS, is_born_read, read_pairs, told_by
from tests.scenarios.people import Json


async def check_inboxes(story: Story) -> None:
    """All that happens has happened when this returns."""
    for who in story.players:
        for number, device in enumerate(who.devices):
            if device.is_used:
                await who.begins_to_listen(number)
                await device.connect("")
    with suppress(TimeoutError):
        await eventually(lambda: _is_quiet(story))
    for who in story.players:
        await _comes_to_agree(story, who)


async def _comes_to_agree(story: Story, who: Player) -> None:
    """A last receipt may still be on its way, and come between one look and the next."""

    async def agrees() -> bool:
        try:
            await _check_inbox(story, who)
        except AssertionError:
            return False
        return True

    try:
        await eventually(agrees, seconds=5)
    except TimeoutError:
        await _check_inbox(story, who)


async def _check_inbox(story: Story, who: Player) -> None:
    inbox = await who.user.whole_inbox()
    _check_told(story, who, inbox)
    _check_flags(who, inbox)
    unread = sum(not entry["isRead"] for entry in inbox)
    assert await who.user.unread() == unread
    page = await who.user.get("/v1/notifications?unread=true&limit=1")
    assert page.body["pagination"]["total"] == unread
    for entry in inbox:
        if entry["type"] == "message.new":
            # Everybody is told of a message by the same event.
            told = told_by(entry)
            assert story.event_ids.setdefault(told, entry["eventId"]) == entry["eventId"]
    deleted = {m.id for group in story.world.groups for m in group.messages if m.is_deleted}
    for device in who.devices:
        if device.is_used:
            _check_device(device, who, inbox, deleted)


async def _is_quiet(story: Story) -> bool:
    """Everything has been stored and has reached every device."""
    await story.stack.settled()
    for who in story.players:
        inbox = await who.user.whole_inbox()
        used = [device for device in who.devices if device.is_used]
        for device in used:
            if {int(entry["id"]) for entry in inbox} - set(device.inbox):
                return False
        if used and not all(entry["isDelivered"] for entry in inbox):
            return False
    return True


def _check_told(story: Story, who: Player, inbox: list[Json]) -> None:
    told = Counter(told_by(entry) for entry in inbox if entry["type"] not in RECEIPTS)
    expected = story.world.told[who.id]
    assert told + who.gone == expected, (expected - told - who.gone, told + who.gone - expected)
    reads = Counter(pair for entry in inbox for pair in read_pairs(entry)) + who.gone_reads
    wanted = story.world.read_receipts[who.id]
    assert reads == wanted, (wanted - reads, reads - wanted)


def _check_flags(who: Player, inbox: list[Json]) -> None:
    shown = {int(entry["id"]) for entry in inbox if entry["isRead"]}
    born = {int(entry["id"]) for entry in inbox if is_born_read(entry, who.id)}
    assert shown == born | (who.read - who.deleted)


def _check_device(device: Device, who: Player, inbox: list[Json], deleted: set[str]) -> None:
    """What was loaded and what came since, with what the owner did, is what would be loaded now."""
    device.check()
    shown = {
        position: _comparable(entry, deleted)
        for position, entry in device.inbox.items()
        if position not in who.deleted
    }
    assert shown == {int(entry["id"]): _comparable(entry, set()) for entry in inbox}


def _comparable(entry: Json, deleted: set[str]) -> Json:
    """Without flags, and blanked where the message was deleted since."""
    entry = {key: value for key, value in entry.items() if key not in ("isRead", "isDelivered")}
    if entry["type"] == "message.new" and entry["data"]["messageId"] in deleted:
        blank = {"content": "", "metadata": None, "isDeleted": True}
        entry |= {"message": "", "data": entry["data"] | blank}
    return entry
