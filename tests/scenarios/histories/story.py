"""A story: some people on the real system, and the world as it should be."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol

from tests.fixtures.people import Answer
from tests.fixtures.stack import Stack
from tests.scenarios.histories.devices import Device
from tests.scenarios.histories.nouns import Group, Message
from tests.scenarios.histories.told import Told
from tests.scenarios.histories.world import World
from tests.scenarios.people import User


@dataclass(eq=False)
class Player:
    """Somebody, and what they did to their inbox: ids they read or deleted, and what those they
    deleted had told them, of which messages had been read by whom apart."""

    user: User
    read: set[int] = field(default_factory=set)
    deleted: set[int] = field(default_factory=set)
    gone: Counter[Told] = field(default_factory=Counter)
    gone_reads: Counter[tuple[str, str]] = field(default_factory=Counter)
    has_listened: bool = False
    devices: list[Device] = field(init=False)

    def __post_init__(self) -> None:
        self.devices = [Device(self.user, self.deleted) for _ in range(2)]

    @property
    def id(self) -> str:
        return self.user.id

    def held_messages(self) -> set[str]:
        """The ids of the messages that reached one of the devices since it was loaded."""
        received = (entry for device in self.devices for entry in device.received)
        return {e["data"]["messageId"] for e in received if e["type"] == "message.new"}

    async def begins_to_listen(self, device: int) -> None:
        """The very first connection takes what was never delivered. Which that is depends on
        moments from then on: other devices load the inbox first."""
        if self.has_listened and not self.devices[device].is_used:
            await self.devices[device].load()
        self.has_listened = True


@dataclass(eq=False)
class Story:
    """People, groups and messages go by numbers; all numbers fit, since they wrap around."""

    stack: Stack
    players: list[Player]
    world: World = field(default_factory=World)
    # Whom /status has named for each message: nobody may ever be missing again.
    delivered_to: dict[str, set[str]] = field(default_factory=dict)
    event_ids: dict[Told, str] = field(default_factory=dict)

    def player(self, number: int) -> Player:
        return self.players[number % len(self.players)]

    def group(self, number: int) -> Group:
        return self.world.groups[number % len(self.world.groups)]

    async def message(self, group: Group, number: int) -> Message | None:
        """Counted from the newest. None when nobody is left who could see it."""
        message = group.messages[-1 - number % len(group.messages)]
        insider = next((each for each in self.players if group.has(each.id)), None)
        if not message.id and insider is not None:
            path = f"/v1/groups/{group.id}/messages?after={message.seq - 1}&limit=1"
            message.id = (await insider.user.get(path)).body["messages"][0]["id"]
        return message if message.id else None


class Deed(Protocol):
    """Something that people do: first to the system, then to the model."""

    async def play(self, story: Story) -> None: ...


def expect(answer: Answer, status: int) -> None:
    assert answer.status == status, (answer.status, answer.body, f"expected {status}")
