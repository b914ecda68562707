"""Mailboxes that are full, and what a message to them costs."""

from bench.circles import Circles, Crowd
from bench.context import Context
from bench.figures import median
from bench.gate import faults
from bench.generator import generating
from bench.section import Section
from bench.stack import Stack
from bench.workloads.measuring import measure

PER_SECOND = 100.0
TURNS = 3
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


async def written_to(context: Context, stack: Stack, size: int, section: Section) -> float | None:
    """Milliseconds of CPU for each message to people whose mailboxes hold so much; None for a void
    run."""

    async def fill_all(crowd: Crowd) -> None:
        await stack.settled()
        for member in crowd.members:
            await fill(stack, member, size)

    system = Circles(stack, prepare=fill_all)
    async with generating(context.programs, f"mailboxes of {size}", None) as generator:
        await system.gather(generator, 2, 2)
        await generator.paced(PER_SECOND, 1.0, 15.0)
        turns = range(context.count(TURNS, 1))
        found = [await measure(context, system, generator, PER_SECOND) for _ in turns]
    for one in found:
        if wrong := faults(one.run):
            section.void.append(f"mailboxes of {size:,} entries: {', '.join(wrong)}")
            return None
    return median([one.per_message * 1e3 for one in found])


async def fill(stack: Stack, user: str, size: int) -> None:
    """Put entries into somebody's mailbox until it holds so many; their groups are settled."""
    async with stack.database("notifier") as connection:
        # The invitation is there already.
        await connection.execute(_FILL, user, size - 1)
        await connection.execute("VACUUM ANALYZE")
