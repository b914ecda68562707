"""Who may open a stream or a poll: the bearer of a token, or of a ticket in the query."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from services.notifier.errors import Draining
from services.notifier.keys import SETTINGS, TICKETS
from services.notifier.metrics import STREAM_OPENINGS
from services.notifier.streams.connection import Connection, Written
from services.notifier.streams.opening import Opening
from shared.web.app import CALLS, HEALTH, VERIFIER
from shared.web.contract import in_query
from shared.web.identity import Identity, bearer_token
from shared.web.pages import Query

# The only value of `?ack=`: delivered is what the client says, not what was written.
BY_CLIENT = "client"
ACK = in_query(
    "ack",
    "`client`: only what the client acknowledges, or resumes after, counts as delivered; not what "
    "was written.",
    enum=[BY_CLIENT],
)


@dataclass(frozen=True, slots=True)
class Admission:
    caller: Identity
    acknowledged_by_client: bool


async def admit(request: web.Request, query: Query) -> Admission:
    """Identify the caller and count the opening against their limit. `query` is checked here, with
    what the door has read from it already.

    Raises Unauthenticated, KeysUnavailable, Invalid for bad parameters, HttpProblem 429, and
    Draining.
    """
    ticket = request.query.get("ticket")
    if ticket is not None and "Authorization" not in request.headers:
        caller = request.app[TICKETS].identity(ticket)
    else:
        caller = await request.app[VERIFIER].identity(bearer_token(request))
    request.app[CALLS].count(request, caller.user_id)
    ack = request.query.get("ack")
    if ack not in (None, BY_CLIENT):
        query.refuse("ack", "must be `client` or left out")
    query.check()
    if "draining" in request.app[HEALTH].missing:
        raise Draining
    return Admission(caller, ack == BY_CLIENT)


def count_opening(kind: str, cursor: str | None, opening: Opening) -> None:
    """A stream or a poll has opened: as what, for operators to see."""
    outcome = "fresh" if cursor is None else "resumed"
    if opening.reset is not None:
        outcome = "reset"
    STREAM_OPENINGS.labels(kind, outcome, opening.reset or "").inc()


def said_cursor(values: Sequence[str]) -> str | None:
    """The cursor that a client named. An empty one is a client that has none yet; of several, each
    would be a guess at what it has, so that together they are none that can be read."""
    return ", ".join(filter(None, values)) or None


def new_connection(
    request: web.Request, caller: Identity, epoch: int, written: Written | None
) -> Connection:
    settings = request.app[SETTINGS]
    return Connection(
        caller.user_id,
        epoch,
        written,
        expires_at=caller.expires_at,
        max_frames=settings.slow_reader_frames,
        max_seconds=settings.slow_reader_seconds,
    )
