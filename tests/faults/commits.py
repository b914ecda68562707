"""Commits that take long: everything is written, and for a moment nobody may know of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.postgres.pool import OwnConnection
from tests.faults.scene import Bite, Scene

SLOW_SECONDS = 5.0
LOOK_EVERY_SECONDS = 0.02

# Deferred to the commit, of one row in ten: the others overtake it, with higher ids.
_SLOW_DOWN = """
CREATE FUNCTION commit_slowly() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_sleep(0.2); RETURN NULL; END';
CREATE CONSTRAINT TRIGGER commit_slowly AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.{column} % 10 = 0) EXECUTE FUNCTION commit_slowly();
"""
_SPEED_UP = "DROP TRIGGER commit_slowly ON {table}; DROP FUNCTION commit_slowly"
_HELD_UP = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
_TOPS = "SELECT user_id, last_seq FROM mailboxes WHERE user_id = ANY($1::text[])"


@asynccontextmanager
async def _slow(scene: Scene, service: str, table: str, column: str) -> AsyncIterator[None]:
    servers = scene.stack.servers
    async with servers.connected(service) as owner:
        await owner.execute(_SLOW_DOWN.format(table=table, column=column))
    try:
        yield
    finally:
        async with servers.connected(service) as owner:
            await owner.execute(_SPEED_UP.format(table=table))


async def slow_down(scene: Scene) -> Bite:
    """Facts of chat are committed in another order than that of their ids, and entries long after
    they were written: none of the former may be passed over, none of the latter shown before."""
    looks = held_up = 0
    loop = asyncio.get_running_loop()
    servers = scene.stack.servers
    async with servers.connected("notifier") as notifier, servers.watching() as statistics:
        async with _slow(scene, "chat", "outbox", "id"), _slow(scene, "notifier", "events", "key"):
            scene.timeline.strike()
            end = loop.time() + SLOW_SECONDS
            while loop.time() < end:
                await _look(scene, notifier)
                held_up += await statistics.fetchval(_HELD_UP)
                looks += 1
                await asyncio.sleep(LOOK_EVERY_SECONDS)
        scene.timeline.lift()
    return {"looks": looks, "commits seen held up": held_up}


async def _look(scene: Scene, notifier: OwnConnection) -> None:
    """Compare what readers have with what is committed."""
    # Noted before the table is read: what a frame showed must be in it by then.
    shown = {reader.seen.user_id: reader.seen.position for reader in scene.traffic.readers}
    tops = {row["user_id"]: row["last_seq"] for row in await notifier.fetch(_TOPS, list(shown))}
    early = [user for user, position in shown.items() if position > tops.get(user, 0)]
    if early and not scene.broken:
        scene.broken.append(f"frame of an entry that is not committed: came to {early[:3]}")
