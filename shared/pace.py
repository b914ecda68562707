"""Rounds of work that gather what comes while they run."""

import asyncio

# A pause is as long as so many rounds like the last one, within its bounds.
PAUSE_ROUNDS = 8
PAUSE_AT_MOST = 4


class Pace:
    """At most a round every `seconds`, counted from beginning to beginning.

    The first round after a quiet time begins at once, and so does the next one after a round that
    took longer: only short rounds, one right behind the other, wait for more to share them. What a
    round costs, costs the same for one and for ten; without a pace a busy service makes as many
    as its CPU has time for (decision 21).
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next_at = 0.0

    async def next(self) -> None:
        """Wait for this round's turn; the next has its own then."""
        loop = asyncio.get_running_loop()
        begins_at = max(self._next_at, loop.time())
        # Taken before the wait: who asks meanwhile has the turn after this one.
        self._next_at = begins_at + self._seconds
        if (wait := begins_at - loop.time()) > 0:
            await asyncio.sleep(wait)


def pause_after(round_seconds: float, shortest: float) -> float:
    """How many seconds to leave between two rounds that nobody is kept waiting by: `shortest` where
    rounds are short, and up to four times that where the last one took long, so that a busy service
    makes fewer of them, and each serves more (decision 23)."""
    return min(max(shortest, PAUSE_ROUNDS * round_seconds), PAUSE_AT_MOST * shortest)
