"""A line of the table."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import asyncpg
from aiormq.exceptions import ChannelAccessRefused, ChannelPreconditionFailed

T = TypeVar("T")


class Refused(Exception):
    """A server that speaks HTTP said no."""


# How servers refuse. Anything else that an attempt raises is a mistake in the attempt.
REFUSALS = (
    Refused,
    ChannelAccessRefused,
    ChannelPreconditionFailed,
    asyncpg.InsufficientPrivilegeError,
)


@dataclass(frozen=True)
class Access(Generic[T]):
    """`who` tries `what`, in words, with what `attempt` is given."""

    who: str
    what: str
    may: bool
    attempt: Callable[[T], Awaitable[object]]

    def __str__(self) -> str:
        return f"{self.who} {'may' if self.may else 'may not'} {self.what}"

    async def holds(self, given: T) -> bool:
        """Whether it is as the table says."""
        try:
            await self.attempt(given)
        except REFUSALS:
            return not self.may
        return self.may
