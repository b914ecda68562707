"""Whether a mailbox costs the same however full it is: to read, and to put into."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import aiohttp

from bench import circles
from bench.context import Context
from bench.figures import figure, median
from bench.section import Curve, Section
from bench.stack import Stack
from bench.workloads.full_mailboxes import PER_SECOND, TURNS, fill, written_to

SIZES = (10, 100, 1000, 10_000, 100_000)
BEHIND = 10
SAMPLES = 200
# Of those: filling the mailboxes of several people takes its time.
WRITTEN_TO = (10, 1000, 100_000)
_WORDS = """One user's mailbox of so many entries, half of them unread, asked through the gateway
by one client, one call after the other: medians of {samples} calls. *Resume* opens a stream with a
cursor {behind} entries back and reads them; *last page* is the oldest one. Then two groups of two
such people post {rate:.0f} messages a second, {turns} times: CPU of all parts, the middle one."""


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
        _WORDS.format(
            samples=SAMPLES,
            behind=BEHIND,
            rate=PER_SECOND,
            turns=context.count(TURNS, 1),
        ),
        (
            *("entries", "unread count ms", "first page ms", "last page ms", "resume ms"),
            "CPU ms per message",
        ),
    )
    written: dict[int, float] = {}
    found: dict[int, Mapping[str, float]] = {}
    for size in SIZES if not context.quick else SIZES[:2]:
        found[size] = await _one(context, stack, size)
        if size in WRITTEN_TO and (cost := await written_to(context, stack, size, section)):
            written[size] = cost
        reads = (round(value, 2) for value in found[size].values())
        section.rows.append([size, *reads, round(written[size], 2) if size in written else None])
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
    if len(written) > 1:
        few, many = min(written), max(written)
        section.curves.append(Curve("CPU for each message", "ms", "entries", list(written.items())))
        what = f"CPU per message: mailboxes of {many:,} entries ÷ {few:,}"
        section.add_headline(what, figure([written[many] / written[few]]), "≤1.1")
    await stack.vacuum()
    return section


async def _one(context: Context, stack: Stack, size: int) -> Mapping[str, float]:
    people = await circles.crowd(stack, 1, 2)
    user = people.people[0][1]
    await stack.settled()
    await fill(stack, user, size)
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
