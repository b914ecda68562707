"""Why an aim may be missed, and the profile that shows it: told on the page where it was missed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bench.section import Cell, Headline
from bench.table import markdown

_HUB = "hub, single messages to 1,000 streams"
_OPENING = "hub, 10,000 streams that open"
_SMALL = "chat and notifier, 250 messages/s, groups of 2"
_LARGE = "chat and notifier, 100 messages/s, groups of 100"
_RESUMING = "notifier, clients that resume"


@dataclass(frozen=True)
class Reason:
    """`pattern` is found in what the headline says; `profile` names rows of the table of profiles,
    or the section that shows it where Python's profile can't."""

    pattern: str
    words: str
    profile: str


# The first that fits counts.
REASONS: Sequence[Reason] = (
    Reason(
        r"^frames/s.*single",
        "Nearly all of it is one write for each stream, and most of that the system call, which"
        " the floor makes as well. The rest is a frame's own head, since each mailbox counts for"
        " itself, and the transport's bookkeeping. Writing to the socket past the transport saved"
        " a tenth of the write: not enough for a second way to write.",
        _HUB,
    ),
    Reason(
        r"^frames/s.*burst",
        "A burst is one write for each stream, but sixteen frames are put together for each: their"
        " heads carry the mailbox's own positions, so that no two streams share bytes.",
        _HUB,
    ),
    Reason(
        r"^long-poll",
        "Each answer is a whole HTTP request to aiohttp: parser, handler task, headers, response.",
        "hub, single messages to 500 polls",
    ),
    Reason(
        r"dead ÷ none dead",
        "Frames for a dead reader are made and written like all others until its bound is reached;"
        " what that costs the others was not profiled apart.",
        "none of its own; *dead readers* has the spread",
    ),
    Reason(
        r"^longest stall",
        "Ten thousand connections that end in the same moment are taken leave of by uvloop and"
        " aiohttp in one turn of the loop, some 20 µs each; what Circles does itself goes in"
        " turns of 3 ms.",
        "*stalls*, by phase; " + _OPENING,
    ),
    Reason(
        r"^(memory per stream|CPU to connect|idle p50: Circles hub)",
        "A stream is opened by stock aiohttp: a task, a request with its headers, a parser for what"
        " follows (decision 22).",
        _OPENING,
    ),
    Reason(
        r"^CPU per client",
        "nchan's bare connect has no gateway, no token and no database. Here each client's token is"
        " verified, its cursor looked up, its entries read and each made a frame of its own; the"
        " handshake alone is several of nchan's (decision 22).",
        _RESUMING,
    ),
    Reason(
        r"^ingest alone",
        "The ceiling answers without a gateway, a token, a check of membership or an idempotency"
        " key. A message here makes five round trips to the database, shared by those that come"
        " together.",
        "chat, ingest alone",
    ),
    Reason(
        r"^idle p50, groups of (100|1000)",
        "A group's frames are written one after the other, and the middle one waits for those"
        " before it, at the gateway a second time.",
        _LARGE,
    ),
    Reason(
        r"^idle p(50|99)",
        "The path has more steps than the floor's two commits and a hop: the gateway twice, five"
        " round trips of chat, the relay's read, the notifier's write and its frame, each in Python"
        " and each a wake-up of an idle process.",
        _SMALL,
    ),
    Reason(
        r"groups of 2\b",
        "One message is three events through the broker (sent, delivered to the recipient's stream,"
        " told to its sender), each stored, confirmed and handled once; the peers do all of it in"
        " one process beside PostgreSQL, and send no receipts. The database's driver and the event"
        " loop take most of chat, the broker's client much of the notifier.",
        _SMALL,
    ),
    Reason(
        r"groups of (100|1000): Circles ÷ ejabberd",
        "ejabberd's rooms archive a message once and store nothing for a member; here every member"
        " has an entry that outlives the stream. The same work is compared where it says *per"
        " member*.",
        _LARGE,
    ),
    Reason(
        r"^highest rate held",
        "The two cores are full, with generator, database, broker and gateway on them.",
        _LARGE,
    ),
    Reason(
        r"^CPU per notification: receipts",
        "What was delivered is written for each reader, published, and told to the sender.",
        _LARGE,
    ),
    Reason(
        r"^draining",
        "Entries are written by one consumer at a time, so that no mailbox is out of order.",
        "*relay and consumer alone*",
    ),
    Reason(
        r"100,000 entries ÷|^CPU per (message|notification): (groups|mailboxes|after|[\d,]+ users)",
        "Nothing grows by design; the figures are of few seconds, and a busy machine moves them.",
        "the curves of *cost by* and *cost over*",
    ),
)


def reason_for(headline: Headline) -> Reason | None:
    """None for an aim that nobody has looked into."""
    return next((reason for reason in REASONS if re.search(reason.pattern, headline.what)), None)


def missed_and_why(found: Sequence[Headline]) -> str:
    """A section on the aims that were missed; nothing where there are none."""
    missed: dict[Reason | None, list[str]] = {}
    for headline in found:
        if headline.is_met is False:
            missed.setdefault(reason_for(headline), []).append(headline.what)
    if not missed:
        return ""
    rows: list[list[Cell]] = [
        ["; ".join(whats), reason.words, reason.profile]
        if reason
        else ["; ".join(whats), "not looked into yet", None]
        for reason, whats in missed.items()
    ]
    return f"## What was missed, and why\n\n{markdown(('missed', 'why', 'profile'), rows)}\n\n"
