"""Where a stream or a poll begins: at its cursor, at what was never delivered, or with a reset."""

from dataclasses import dataclass

from services.notifier.domain import Cursor, ResetReason, parse_cursor, reason_to_reset
from services.notifier.shapes.events import Reset
from services.notifier.storage.catch_up import Slice
from services.notifier.streams.acknowledged import Acknowledged
from services.notifier.streams.delivered import Delivered
from services.notifier.streams.feed import Feed
from services.notifier.streams.follower import Follower

# Where a client reloads its inbox after a reset.
RESYNC_URL = "/v1/notifications"


@dataclass(frozen=True, slots=True)
class Opening:
    """`slice` is the first to give; after a reset there is nothing to give, and `start` is the
    mailbox's end."""

    slice: Slice
    start: int
    reset: ResetReason | None


@dataclass(frozen=True, slots=True)
class Openings:
    """Decides where followers begin."""

    feed: Feed
    delivered: Delivered
    acknowledged: Acknowledged
    epoch: int
    replay_limit: int

    async def begin(self, follower: Follower, cursor_text: str | None) -> Opening:
        """Read the follower's first slice, after it has registered with the hub.

        A cursor proves that its client has everything up to it, and after a reset all that came
        before counts as delivered: the watermark follows. Raises DatabaseAway.
        """
        follower.begin_reading()
        if cursor_text is None:
            await self.delivered.settle(follower.user_id)
            first = await self.feed.after(follower.user_id, None)
            cursor: Cursor | None = Cursor(self.epoch, first.start)
        else:
            cursor = parse_cursor(cursor_text, self.epoch)
            first = await self.feed.after(follower.user_id, cursor.seq if cursor else None)
        reason = reason_to_reset(cursor, first.mailbox, self.epoch, self.replay_limit)
        if reason is ResetReason.TOO_FAR_BEHIND and not await self.feed.are_more_than(
            follower.user_id, first.start, self.replay_limit
        ):
            # So many positions, but not so many entries: the owner deleted some.
            reason = None
        start = first.mailbox.last_seq if reason else first.start
        if start > first.mailbox.delivered_seq:
            # A reset proves nothing: what it skips counts as delivered all the same.
            await self.acknowledged.up_to(follower.user_id, start, proven=reason is None)
        follower.position = start
        return Opening(first, start, reason)

    def reset_data(self, opening: Opening, reason: ResetReason) -> Reset:
        """What a client is told when it must reload."""
        return {
            "reason": reason,
            "cursor": str(Cursor(self.epoch, opening.start)),
            "unread": opening.slice.mailbox.unread,
            "resyncUrl": RESYNC_URL,
        }
