"""Where a slice of the history lies. Sequence numbers run without gaps, and messages go from the
oldest on, so that every slice is found by counting, however deep it lies."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Span:
    """Where a group's messages are: floor < seq <= last. The floor is 0 unless old messages were
    removed."""

    last: int
    floor: int = 0

    @property
    def total(self) -> int:
        return self.last - self.floor


@dataclass(frozen=True, slots=True)
class Slice:
    """The messages with low <= seq <= high; empty when low > high."""

    low: int
    high: int

    @classmethod
    def of_page(cls, span: Span, page: int, limit: int) -> Self:
        """Page 1 is the newest."""
        high = span.last - (page - 1) * limit
        return cls(max(high - limit, span.floor) + 1, high)

    @classmethod
    def before(cls, span: Span, seq: int, limit: int) -> Self:
        """The newest `limit` messages below `seq`."""
        high = min(seq - 1, span.last)
        return cls(max(high - limit, span.floor) + 1, high)

    @classmethod
    def after(cls, span: Span, seq: int, limit: int) -> Self:
        """The oldest `limit` messages above `seq`."""
        start = max(seq, span.floor)
        return cls(start + 1, min(start + limit, span.last))

    @property
    def is_empty(self) -> bool:
        return self.low > self.high
