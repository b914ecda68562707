"""What all replicas remember of an entry: each knows only what it wrote itself, so they are asked.

Over the transient fanout, which may lose a question or an answer: who does not answer in time is
left out, and whoever asked sees which replicas did.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from pydantic_core import to_json

from services.notifier.storage import presence
from services.notifier.streams.offered import Offers, moment
from shared.postgres.pool import Database
from shared.rabbitmq.fanout import Fanout

ANSWER_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Written:
    """A write to a stream that held the entry. `counts`: delivered by that."""

    stream_id: UUID
    at: datetime
    counts: bool


@dataclass(frozen=True, slots=True)
class Remembered:
    """What one replica remembers: its writes from `since` on, and the first proof by a client."""

    replica: str
    since: datetime
    written: tuple[Written, ...]
    acknowledged_at: datetime | None


@dataclass(slots=True)
class _Question:
    expected: int
    answers: list[Remembered] = field(default_factory=list)
    all_there: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, answer: Remembered) -> None:
        self.answers.append(answer)
        if len(self.answers) >= self.expected:
            self.all_there.set()


class Remembering:
    """Asks, and answers, for the replica whose memory is `offers`."""

    def __init__(self, fanout: Fanout, offers: Offers, database: Database) -> None:
        self._fanout = fanout
        self._offers = offers
        self._database = database
        self._asked: dict[str, _Question] = {}
        self._answering: set[asyncio.Task[None]] = set()

    async def of(self, user_id: str, seq: int, stored_at: float) -> list[Remembered]:
        """What this replica and those that answer in time remember of an entry that was stored at
        `stored_at`, in epoch seconds. Raises DatabaseAway."""
        async with self._database.connection() as connection:
            others = await presence.count_others(connection, self._offers.replica)
        mine = self._own(user_id, seq, stored_at)
        if not others:
            return [mine]
        key, question = str(uuid4()), _Question(others)
        self._asked[key] = question
        try:
            asked = {"id": key, "user": user_id, "seq": seq, "stored": stored_at}
            await self._fanout.say(to_json({"asked": asked}))
            with suppress(TimeoutError):
                async with asyncio.timeout(ANSWER_SECONDS):
                    await question.all_there.wait()
        finally:
            del self._asked[key]
        return [mine, *sorted(question.answers, key=lambda answer: answer.replica)]

    def hear(self, said: Mapping[str, Any]) -> None:
        """A question or an answer of another replica, or neither."""
        if (asked := said.get("asked")) is not None:
            self._tell(asked)
        # Others' questions are answered here as well: everybody hears everything.
        answered = said.get("remembered")
        if answered is not None and answered["id"] in self._asked:
            self._asked[answered["id"]].take(_decoded(answered))

    def _tell(self, asked: Mapping[str, Any]) -> None:
        # Replicas of the version before do not say when.
        stored_at = float(asked.get("stored", 0.0))
        own = self._own(asked["user"], int(asked["seq"]), stored_at)
        answer = to_json({"remembered": {"id": asked["id"], **_encoded(own)}})
        task = asyncio.create_task(self._fanout.say(answer))
        # The loop itself keeps only weak references.
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    def _own(self, user_id: str, seq: int, stored_at: float) -> Remembered:
        offers = self._offers
        written = [
            Written(offer.stream_id, moment(offer.at), offer.counts)
            for offer in offers.of(user_id, seq, stored_at)
            if offer.stream_id is not None
        ]
        proof = offers.ack_of(user_id, seq, stored_at)
        return Remembered(offers.replica, offers.since, tuple(written), proof)


def _encoded(own: Remembered) -> dict[str, Any]:
    return {
        "replica": own.replica,
        "since": own.since.timestamp(),
        "written": [(w.stream_id, w.at.timestamp(), w.counts) for w in own.written],
        "acknowledged": own.acknowledged_at and own.acknowledged_at.timestamp(),
    }


def _decoded(said: Mapping[str, Any]) -> Remembered:
    proof = said["acknowledged"]
    return Remembered(
        str(said["replica"]),
        moment(said["since"]),
        tuple(Written(UUID(i), moment(at), bool(counts)) for i, at, counts in said["written"]),
        None if proof is None else moment(proof),
    )
