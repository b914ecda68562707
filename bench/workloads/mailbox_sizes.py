"""Whether reading a mailbox costs the same however full it is."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import aiohttp

from bench import circles
from bench.context import Context
from bench.figures import figure, median
from bench.section import Curve, Section
from bench.stack import Stack

SIZES = (10, 100, 1000, 10_000, 100_000)
BEHIND = 10
SAMPLES = 200
_WORDS = """One user's mailbox of so many entries, half of them unread, asked through the gateway
by one client, one call after the other: medians of {samples} calls. *Resume* opens a stream with a
cursor {behind} entries back and reads them; *last page* is the oldest one."""
_FILL = """
WITH mailbox AS (
    UPDATE mailboxes SET last_seq = last_seq + $2, total = total + $2, unread = unread + $2 / 2,
        delivered_seq = last_seq + $2
    WHERE user_id = $1 RETURNING id, last_seq
), told AS (SELECT key FROM events ORDER BY key DESC LIMIT 1)
INSERT INTO entries (mailbox_id, seq, event_key, is_read)
SELECT mailbox.id, mailbox.last_seq - $2 + n, told.key, n % 2 = 0
FROM mailbox, told, generate_series(1, $2::bigint) n
"""


@dataclass(frozen=True)
class _Owner:
    """Whose mailbox is asked."""

    http: aiohttp.ClientSession
    user: str

    async def get(self, path: str) -> None:
        async with self.http.get(path) as answer:
            await answer.read()

    async def resume(self, last: int) -> None:
        """Open a stream, read what was missed, leave."""
        head = {"Last-Event-ID": str(last - BEHIND), "Accept": "text/event-stream"}
        async with self.http.get("/v1/sse/stream", headers=head) as answer:
            missing = BEHIND
            async for line in answer.content:
                missing -= line == b"event: notification\n"
                if not missing:
                    return


async def mailbox_sizes(context: Context, stack: Stack) -> Section:
    section = Section(
        "mailboxes",
        "Cost by the size of a mailbox",
        _WORDS.format(samples=SAMPLES, behind=BEHIND),
        ("entries", "unread count ms", "first page ms", "last page ms", "resume ms"),
    )
    found: dict[int, Mapping[str, float]] = {}
    for size in SIZES if not context.quick else SIZES[:2]:
        found[size] = await _one(context, stack, size)
        section.rows.append([size, *(round(value, 2) for value in found[size].values())])
        context.say(f"{size} entries: {found[size]['first page']:.2f} ms for a page")
    smallest, largest = min(found), max(found)
    # The first few pages of ten entries are no pages: what is compared has twenty entries at least.
    compared = sorted(found)[1]
    for name in found[smallest]:
        points = [(float(size), costs[name]) for size, costs in found.items()]
        section.curves.append(Curve(name.capitalize(), "ms", "entries", points))
        if largest == compared:
            # A short run: nothing to compare with.
            continue
        what = f"{name}: {largest:,} entries ÷ {compared:,}"
        section.add_headline(what, figure([found[largest][name] / found[compared][name]]), "≤1.5")
    await stack.vacuum()
    return section


async def _one(context: Context, stack: Stack, size: int) -> Mapping[str, float]:
    people = await circles.crowd(stack, 1, 2)
    user = people.people[0][1]
    await stack.settled()
    async with stack.database("notifier") as connection:
        # The invitation is there already.
        await connection.execute(_FILL, user, size - 1)
        await connection.execute("VACUUM ANALYZE")
    head = {"Authorization": f"Bearer {stack.token(user)}"}
    async with aiohttp.ClientSession(stack.url, headers=head, raise_for_status=True) as http:
        owner = _Owner(http, user)
        last_page = (size + 19) // 20
        calls: Mapping[str, Callable[[], Awaitable[None]]] = {
            "unread count": lambda: owner.get("/v1/notifications/unread-count"),
            "first page": lambda: owner.get("/v1/notifications?limit=20"),
            "last page": lambda: owner.get(f"/v1/notifications?limit=20&page={last_page}"),
            "resume": lambda: owner.resume(size),
        }
        return {name: await _timed(context, call) for name, call in calls.items()}


async def _timed(context: Context, call: Callable[[], Awaitable[None]]) -> float:
    """Median in milliseconds, after a few that are not counted."""
    for _ in range(5):
        await call()
    times = []
    for _ in range(context.count(SAMPLES, 20)):
        began = time.perf_counter()
        await call()
        times.append((time.perf_counter() - began) * 1e3)
    return median(times)
