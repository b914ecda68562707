"""A client of Circles: calls over HTTP, and everything that happens, live.

    async with Circles("http://localhost:8080", token=my_token) as circles:
        async for notification in circles.notifications():
            ...

What the server's stream promises, this client keeps: it resumes by its cursor and gives each entry
once and in order, falls back to long polls where streams don't get through and comes back from
them, renews tokens, and says `Reset` where nobody can prove that nothing was missed.
"""

from circles_client.client import Circles
from circles_client.cursor_stores import CursorStore, FileCursor, MemoryCursor
from circles_client.errors import CirclesError, Problem, TokenRefused, Unreachable
from circles_client.events import Event, Notification, Reset, State, StateChange
from circles_client.timing import Timing
from circles_client.tokens import TokenSource

__all__ = [
    "Circles",
    "CirclesError",
    "CursorStore",
    "Event",
    "FileCursor",
    "MemoryCursor",
    "Notification",
    "Problem",
    "Reset",
    "State",
    "StateChange",
    "Timing",
    "TokenRefused",
    "TokenSource",
    "Unreachable",
]
