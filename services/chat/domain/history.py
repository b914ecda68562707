"""Where a slice of the history lies. Sequence numbers run from 1 without gaps and messages stay,
so that every slice is found by counting, however deep it lies."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Slice:
    """The messages with low <= seq <= high; empty when low > high."""

    low: int
    high: int

    @classmethod
    def of_page(cls, last_seq: int, page: int, limit: int) -> Self:
        """Page 1 is the newest."""
        high = last_seq - (page - 1) * limit
        return cls(max(high - limit + 1, 1), high)

    @classmethod
    def before(cls, last_seq: int, seq: int, limit: int) -> Self:
        """The newest `limit` messages below `seq`."""
        high = min(seq - 1, last_seq)
        return cls(max(high - limit + 1, 1), high)

    @classmethod
    def after(cls, last_seq: int, seq: int, limit: int) -> Self:
        """The oldest `limit` messages above `seq`."""
        return cls(seq + 1, min(seq + limit, last_seq))

    @property
    def is_empty(self) -> bool:
        return self.low > self.high
