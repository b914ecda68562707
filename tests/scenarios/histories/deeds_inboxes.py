"""What people do with their inboxes and devices."""

from dataclasses import dataclass

from tests.scenarios.histories.nouns import NOT_FOUND, OK
from tests.scenarios.histories.story import Player, Story, expect
from tests.scenarios.histories.told import RECEIPTS, read_pairs, told_by
from tests.scenarios.people import Json


async def _entry(who: Player, number: int) -> Json | None:
    """Counted from the newest."""
    entries = await who.user.inbox()
    return entries[number % len(entries)] if entries else None


@dataclass(frozen=True)
class ReadEntry:
    who: int
    entry: int

    async def play(self, story: Story) -> None:
        who = story.player(self.who)
        if (entry := await _entry(who, self.entry)) is not None:
            answer = await who.user.patch(f"/v1/notifications/{entry['id']}/read")
            expect(answer, OK)
            assert answer.body["notification"]["eventId"] == entry["eventId"]
            assert answer.body["notification"]["isRead"]
            who.read.add(int(entry["id"]))


@dataclass(frozen=True)
class ReadAll:
    who: int

    async def play(self, story: Story) -> None:
        who = story.player(self.who)
        # What is still on its way to the inbox would be read or not.
        await story.stack.settled()
        entries = await who.user.whole_inbox()
        answer = await who.user.patch("/v1/notifications/read-all")
        expect(answer, OK)
        assert answer.body["count"] == sum(not entry["isRead"] for entry in entries)
        assert await who.user.unread() == 0
        who.read |= {int(entry["id"]) for entry in entries}


@dataclass(frozen=True)
class DeleteEntry:
    who: int
    entry: int

    async def play(self, story: Story) -> None:
        who = story.player(self.who)
        if (entry := await _entry(who, self.entry)) is None:
            return
        path = f"/v1/notifications/{entry['id']}"
        # Before the call: a stream may skip it from now on.
        who.deleted.add(int(entry["id"]))
        expect(await who.user.delete(path), OK)
        expect(await who.user.delete(path), NOT_FOUND)
        expect(await who.user.patch(f"{path}/read"), NOT_FOUND)
        who.gone_reads.update(read_pairs(entry))
        if entry["type"] not in RECEIPTS:
            who.gone[told_by(entry)] += 1


@dataclass(frozen=True)
class Load:
    who: int
    device: int

    async def play(self, story: Story) -> None:
        await story.player(self.who).devices[self.device].load()


@dataclass(frozen=True)
class Connect:
    """Through the gateway, or to one of the replicas."""

    who: int
    device: int
    replica: int

    async def play(self, story: Story) -> None:
        who = story.player(self.who)
        await who.begins_to_listen(self.device)
        urls = ("", story.stack.url_of("notifier-1"), story.stack.url_of("notifier-2"))
        await who.devices[self.device].connect(urls[self.replica])


@dataclass(frozen=True)
class Disconnect:
    who: int
    device: int

    async def play(self, story: Story) -> None:
        await story.player(self.who).devices[self.device].disconnect()


@dataclass(frozen=True)
class Poll:
    who: int
    device: int

    async def play(self, story: Story) -> None:
        who = story.player(self.who)
        await who.begins_to_listen(self.device)
        await who.devices[self.device].poll()
