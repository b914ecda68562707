"""The notifier's database is lost, and made anew from the log while everybody goes on writing."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from launcher.errors import LaunchError
from launcher.jobs import make_database_anew
from tests.faults.scene import Bite, Scene

# By person and by the service that told: two facts of different services that were published in
# the same instant may have reached queue and log in different orders.
Mailboxes = Mapping[tuple[str, str], Sequence[Mapping[str, Any]]]

# All that clients are shown of an entry and that the log holds: not what its owner did to it, and
# not its place among what the other service told.
_ENTRIES = """
SELECT m.user_id, CASE WHEN v.type LIKE 'group.%' THEN 'groups' ELSE 'chat' END AS told_by,
    v.id, v.type, v.title, v.message, v.data, v.group_id, v.message_id, v.message_seq, v.created_at
FROM entries e JOIN mailboxes m ON m.id = e.mailbox_id JOIN events v ON v.key = e.event_key
WHERE m.user_id = ANY($1::text[]) ORDER BY m.user_id, e.seq
"""
_NEWEST_FIRST = """
SELECT e.seq, v.id, v.type, v.title, v.message
FROM entries e JOIN mailboxes m ON m.id = e.mailbox_id JOIN events v ON v.key = e.event_key
WHERE m.user_id = $1 ORDER BY e.seq DESC
"""
PAGE = 100
RELOADING_AT_ONCE = 8


async def rebuild_notifier(scene: Scene) -> Bite:
    """Kill the notifiers, drop their database, make it anew, replay the log, start them: as
    `circles rebuild notifier` does. What was there before must be there again, in its order and
    in its words."""
    stack, servers = scene.stack, scene.stack.servers
    scene.timeline.strike()
    await stack.kill(*stack.of("notifier"))
    before = await _mailboxes(scene)
    accepted = sum(scene.timeline.accepted.values())
    urls = servers.databases["notifier"]
    await make_database_anew(servers.postgres.url, "notifier", urls)
    emptied = len(before) - len(await _mailboxes(scene))
    said = await stack.operate("notifier", "replay", "--rebuild")
    rebuilt = await _mailboxes(scene)
    accepted = sum(scene.timeline.accepted.values()) - accepted
    if not rebuilt:
        raise LaunchError(f"the rebuild failed: {said[-300:]}")
    await stack.start(*stack.of("notifier"))
    scene.timeline.lift()
    scene.broken += [
        f"mailbox of {user_id} differs after the rebuild ({told_by}): {difference}"
        for (user_id, told_by), entries in before.items()
        if (difference := _difference(entries, rebuilt.get((user_id, told_by), ())))
    ]
    return {
        "mailboxes dropped": emptied,
        "entries compared": sum(len(entries) for entries in before.values()),
        "messages accepted meanwhile": accepted,
    }


async def all_reload(scene: Scene) -> None:
    """Whoever was told `reset` finds over REST what it was told to reload: the whole mailbox, page
    by page, newest first."""
    told = sorted({r.seen.user_id for r in scene.traffic.readers if r.seen.reset_over})
    if not told:
        scene.broken.append("nobody was told to reload after the rebuild")
    at_once = asyncio.Semaphore(RELOADING_AT_ONCE)

    async def reload(user_id: str) -> None:
        async with at_once:
            shown = await _reloaded(scene, user_id)
        async with scene.stack.servers.connected("notifier") as connection:
            rows = await connection.fetch(_NEWEST_FIRST, user_id)
        stored = [(str(r["seq"]), str(r["id"]), r["type"], r["title"], r["message"]) for r in rows]
        if shown != stored:
            lacking = len(set(stored) - set(shown))
            scene.broken.append(
                f"{user_id} was told to reload and was shown {len(shown)} of {len(stored)} entries,"
                f" {lacking} of them missing or different"
            )

    await asyncio.gather(*(reload(user_id) for user_id in told))


async def _reloaded(scene: Scene, user_id: str) -> list[tuple[str, ...]]:
    """What a client gets that pages through its inbox until the end it was told."""
    person = scene.traffic.person(user_id)
    shown: list[tuple[str, ...]] = []
    page = pages = 1
    while page <= pages:
        answer = await person.get(f"/v1/notifications?limit={PAGE}&page={page}")
        if answer.status != HTTPStatus.OK:
            raise LaunchError(f"the inbox of {user_id} was not shown: {answer.status}")
        shown += [
            (each["id"], each["eventId"], each["type"], each["title"], each["message"])
            for each in answer.body["notifications"]
        ]
        page, pages = page + 1, answer.body["pagination"]["pages"]
    return shown


def _difference(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> str:
    """The first entry of those before that is another one now, or says something else."""
    if len(after) < len(before):
        return f"{len(after)} entries of {len(before)}"
    for place, (old, new) in enumerate(zip(before, after, strict=False), start=1):
        if columns := [name for name, value in old.items() if new[name] != value]:
            return f"entry {place} in {', '.join(columns)}"
    return ""


async def _mailboxes(scene: Scene) -> Mailboxes:
    """What each mailbox of the scene's people tells, in its order."""
    people = sorted({u for group in scene.traffic.groups for u in group.member_ids})
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    async with scene.stack.servers.connected("notifier") as connection:
        for row in await connection.fetch(_ENTRIES, people):
            found[row["user_id"], row["told_by"]].append(dict(row))
    return found
