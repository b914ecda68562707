"""The notifier's database is lost, and made anew from the log while everybody goes on writing."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from launcher.errors import LaunchError
from launcher.jobs import make_database_anew
from tests.faults.scene import Bite, Scene

# By person and by the service that told: two facts of different services that were published in
# the same instant may have reached queue and log in different orders.
Mailboxes = Mapping[tuple[str, str], Sequence[str]]

_ENTRIES = """
SELECT m.user_id, CASE WHEN v.type LIKE 'group.%' THEN 'groups' ELSE 'chat' END AS told_by, v.id
FROM entries e JOIN mailboxes m ON m.id = e.mailbox_id JOIN events v ON v.key = e.event_key
WHERE m.user_id = ANY($1::text[]) ORDER BY m.user_id, e.seq
"""


async def rebuild_notifier(scene: Scene) -> Bite:
    """Kill the notifiers, drop their database, make it anew, replay the log, start them: as
    `circles rebuild notifier` does. What was there before must be there again, in its order."""
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
        f"mailbox of {user_id} differs after the rebuild ({told_by})"
        for (user_id, told_by), entries in before.items()
        if list(rebuilt.get((user_id, told_by), ())[: len(entries)]) != list(entries)
    ]
    return {
        "mailboxes dropped": emptied,
        "entries compared": sum(len(entries) for entries in before.values()),
        "messages accepted meanwhile": accepted,
    }


async def _mailboxes(scene: Scene) -> Mailboxes:
    """The event ids of each mailbox of the scene's people, in their order."""
    people = sorted({u for group in scene.traffic.groups for u in group.member_ids})
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    async with scene.stack.servers.connected("notifier") as connection:
        for row in await connection.fetch(_ENTRIES, people):
            found[row["user_id"], row["told_by"]].append(str(row["id"]))
    return found
