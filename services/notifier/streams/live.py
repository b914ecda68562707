"""What other replicas persisted: heard over a transient fanout. Losing it costs latency only.

The replica that stored a batch tells the others what became of it, and each writes to the streams
it holds. Streams find out about anything lost here at their next frame or heartbeat.
"""

from collections.abc import Sequence
from itertools import zip_longest
from uuid import UUID

from pydantic_core import from_json, to_json

from services.notifier.domain import MessagePosition
from services.notifier.storage.entries import Recipient
from services.notifier.streams import frames
from services.notifier.streams.awaited import Awaited
from services.notifier.streams.hub import Hub, Push
from services.notifier.streams.remembering import Remembering
from shared.rabbitmq.fanout import Fanout
from shared.supervision import Health

# Whoever was closed for being the oldest comes back late, or the others' turn would come next.
TOO_MANY_STREAMS = frames.retry(60_000) + frames.closed({"reason": "too_many_streams"})
DISCONNECTED = frames.closed({"reason": "disconnected"})


class Live:
    """The line between replicas: `tell`, `close` and `disconnect` speak, `run` listens."""

    PART = "live"

    def __init__(
        self,
        fanout: Fanout,
        hub: Hub,
        health: Health,
        awaited: Awaited | None = None,
        remembering: Remembering | None = None,
    ) -> None:
        """Who only speaks needs neither of the last two: they are for what is heard."""
        self._fanout = fanout
        self._hub = hub
        self._health = health
        self._awaited = awaited or Awaited(hub)
        self._remembering = remembering

    async def run(self) -> None:
        """Listen until the connection fails, which raises."""
        async with self._fanout.listening(self._hear) as ended:
            self._health.up(self.PART)
            # Whatever was said while nobody listened is in the table; and so is what this replica
            # said into a line that was already dead, which no other has heard.
            look_all(self._hub)
            await self._fanout.say(to_json({"look": True}))
            await ended

    async def tell(
        self,
        pushes: Sequence[Push],
        committed_at: float | None = None,
        traces: Sequence[str | None] = (),
    ) -> None:
        """Tell the other replicas what was stored; without a connection it stays unsaid.

        `committed_at`, in epoch seconds, and the pushes' `traces` are for those who measure.
        """
        said: dict[str, object] = {"pushes": [_encoded(push) for push in pushes]}
        if committed_at is not None:
            said["at"] = committed_at
        if any(traces):
            said["traces"] = traces
        await self._fanout.say(to_json(said))

    async def close(self, ids: Sequence[UUID]) -> None:
        """Ask whoever holds these streams to close them: their user has too many."""
        await self._fanout.say(to_json({"close": ids}))

    async def disconnect(self, user_id: str) -> None:
        """End all streams and polls of somebody, on every replica: on those that hear it, that is,
        and a stream elsewhere ends with its token."""
        disconnect(self._hub, user_id)
        await self._fanout.say(to_json({"disconnect": user_id}))

    def _hear(self, body: bytes) -> None:
        said = from_json(body)
        if said.get("look"):
            look_all(self._hub)
        if self._remembering is not None:
            self._remembering.hear(said)
        pushes = [_decoded(push) for push in said.get("pushes", ())]
        if at := said.get("at"):
            self._await(pushes, float(at), said.get("traces", ()))
        self._hub.push(pushes)
        if (user_id := said.get("disconnect")) is not None:
            disconnect(self._hub, user_id)
        if ids := {UUID(text) for text in said.get("close", ())}:
            close_streams(self._hub, ids)

    def _await(self, pushes: Sequence[Push], at: float, traces: Sequence[str | None]) -> None:
        """Before they are pushed, which may write at once."""
        for push, trace in zip_longest(pushes, traces):
            if push is not None and push.recipients:
                self._awaited.committed(push.recipients, at, "elsewhere", trace)


def look_all(hub: Hub) -> None:
    """Have every follower held here look for what it may have missed."""
    for follower in hub:
        follower.look()


def close_streams(hub: Hub, ids: set[UUID]) -> None:
    """Close those of the streams in `ids` that are held here: their user has too many."""
    for follower in hub:
        if follower.id in ids:
            follower.end(TOO_MANY_STREAMS)


def disconnect(hub: Hub, user_id: str) -> None:
    """End the streams and polls of `user_id` that are held here."""
    for follower in tuple(hub.of_user(user_id)):
        follower.end(DISCONNECTED)


def _encoded(push: Push) -> dict[str, object]:
    recipients = push.recipients
    return {
        "body": push.body.decode(),
        "message": [str(push.message.group_id), push.message.seq] if push.message else None,
        "audience": push.audience if recipients is None else (),
        "recipients": recipients and [(r.user_id, r.seq, r.is_read) for r in recipients],
    }


def _decoded(said: dict[str, list[list[object]]]) -> Push:
    message, recipients = said["message"], said["recipients"]
    return Push(
        body=str(said["body"]).encode(),
        message=MessagePosition(UUID(str(message[0])), int(str(message[1]))) if message else None,
        audience=[str(user_id) for user_id in said["audience"]],
        recipients=None
        if recipients is None
        else [Recipient(str(u), int(str(s)), bool(r)) for u, s, r in recipients],
    )
