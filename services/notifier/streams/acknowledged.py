"""What clients prove to have: by an ack, the cursor they come back with, or a poll's answer."""

from collections.abc import Sequence

from services.notifier.actions import deliveries
from services.notifier.streams.gathering import Gathering
from services.notifier.streams.offered import Offers
from shared.outbox.record import Outbox

# Mailboxes locked by one transaction.
TOGETHER = 200


class Acknowledged:
    """Raises delivered watermarks: those of a herd that resumes in a few transactions."""

    def __init__(self, outbox: Outbox, offers: Offers) -> None:
        self._outbox = outbox
        self._offers = offers
        # One at a time: two would only wait for each other's mailboxes.
        self._marks = Gathering(self._raise, together=TOGETHER, at_once=1)

    async def up_to(self, user_id: str, seq: int, *, proven: bool = True) -> int:
        """`user_id` has everything up to `seq`; answers the watermark. Not `proven`: it was given
        to them, and they have not said that it arrived. Raises DatabaseAway."""
        reached = await self._marks.ask((user_id, seq))
        if proven:
            self._offers.acknowledged(user_id, min(seq, reached))
        return reached

    async def _raise(self, wanted: Sequence[tuple[str, int]]) -> Sequence[int]:
        return await deliveries.acknowledge(self._outbox, wanted)
