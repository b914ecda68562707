"""What breaks, as data. Another scenario is another entry here, and perhaps a way to break things
beside `faults.py`."""

from collections.abc import Sequence

from tests.faults import (
    access,
    commits,
    copies,
    crowd,
    disorder,
    events,
    faults,
    filling,
    hoppers,
    links,
    nodes,
    outages,
    queues,
    rebuilding,
    routes,
    slow,
)
from tests.faults.layouts import Layout
from tests.faults.links import BROKER, DATABASE
from tests.faults.proxy import Proxy
from tests.faults.scene import FROZEN, KILLED, RESTARTED, Scenario
from tests.faults.servers import SERVICES
from tests.faults.stack import RELAYING


def _dies(
    kind: str, place: str, moment: str, *, after: int, action: str = "kill", quick: bool = False
) -> Scenario:
    """A replica kills itself the `after`th time that it comes by a place."""
    return Scenario(
        f"{kind}-dies-{place.replace('.', '-')}{'-soon' if ':' in action else ''}",
        f"kill -9 of {kind} {moment}",
        faults.die_at_failpoint,
        arms=(kind, f"{place}={action}@{after}"),
        quick=quick,
    )


SCENARIOS: Sequence[Scenario] = (
    Scenario(
        "kill-notifier",
        "kill -9 of the notifier that consumes, with its third of the streams",
        faults.kill_active_notifier,
        quick=True,
    ),
    Scenario(
        "kill-chat",
        "kill -9 of the chat replica that relays",
        faults.kill_relaying("chat", lambda scene: scene.accepted, "messages accepted meanwhile"),
    ),
    Scenario(
        "kill-groups",
        "kill -9 of the groups replica that relays",
        faults.kill_relaying("groups", lambda scene: scene.gathered, "groups made meanwhile"),
    ),
    Scenario("kill-gateway", "kill -9 of the gateway", outages.kill_gateway, quick=True),
    _dies("chat", "transaction.written", "before the commit of a message", after=60),
    _dies("chat", "transaction.committed", "between commit and answer", after=60, quick=True),
    _dies("groups", "transaction.written", "before the commit of a group", after=15),
    _dies("groups", "transaction.committed", "between commit and answer", after=15),
    _dies("chat", "relay.claimed", "when its relay has read the outbox", after=60),
    _dies(
        "chat",
        "relay.claimed",
        "when events are published and not yet confirmed",
        after=60,
        action="kill:0.002",
    ),
    _dies("chat", "relay.confirmed", "when events are confirmed, not marked", after=60, quick=True),
    _dies("chat", "relay.marked", "when events are marked as published", after=60),
    _dies("notifier", "consumer.delivered", "with a batch in its hands", after=100),
    _dies(
        "notifier",
        "consumer.committed",
        "when a batch is committed, not pushed",
        after=100,
        quick=True,
    ),
    _dies("notifier", "consumer.pushed", "when a batch is pushed, not acknowledged", after=100),
    _dies("notifier", "consumer.acknowledged", "when a batch is acknowledged", after=100),
    _dies("notifier", "push.written", "halfway through a push to many streams", after=200),
    _dies(
        "chat", "consumer.committed", "when watermarks are committed, not acknowledged", after=60
    ),
    Scenario(
        "freeze-notifier",
        "SIGSTOP of the notifier that consumes, SIGCONT after 5 s",
        faults.freeze("notifier", 5.0),
        target=KILLED,
    ),
    Scenario(
        "kill-broker",
        "kill -9 of RabbitMQ, started again",
        outages.kill_broker,
        target=RESTARTED,
        quick=True,
    ),
    Scenario(
        "restart-postgres",
        "immediate shutdown of PostgreSQL, started again",
        outages.restart_postgres,
        target=RESTARTED,
        quick=True,
    ),
    Scenario(
        "drop-sessions",
        "pg_terminate_backend of every session of every service, five times",
        outages.drop_sessions,
    ),
    Scenario(
        "blackhole-broker",
        "what the notifiers and RabbitMQ say to each other is swallowed; new connections pass",
        links.lose(Proxy.blackhole),
        target=FROZEN,
        links=[("notifier", BROKER)],
    ),
    Scenario(
        "blackhole-database",
        "what chat and PostgreSQL say to each other is swallowed; new connections pass",
        links.lose(Proxy.blackhole),
        target=FROZEN,
        links=[("chat", DATABASE)],
    ),
    Scenario(
        "refused-broker",
        "connections of the notifiers to RabbitMQ are reset, and new ones refused for 8 s",
        links.refuse,
        target=RESTARTED,
        links=[("notifier", BROKER)],
    ),
    Scenario(
        "blackhole-all-broker",
        "all that notifiers and RabbitMQ say is swallowed, for 20 s on new connections too",
        links.swallow,
        target=FROZEN,
        links=[("notifier", BROKER)],
    ),
    Scenario(
        "refused-database",
        "connections of chat to PostgreSQL are reset, and new ones refused for 8 s",
        links.refuse,
        target=RESTARTED,
        links=[("chat", DATABASE)],
    ),
    Scenario(
        "blackhole-all-database",
        "all that chat and PostgreSQL say is swallowed, for 20 s on new connections too",
        links.swallow,
        target=FROZEN,
        links=[("chat", DATABASE)],
    ),
    Scenario(
        "half-open",
        "RabbitMQ and PostgreSQL lose chat's connections, and chat is not told",
        links.lose(Proxy.half_open),
        target=FROZEN,
        links=[("chat", BROKER), ("chat", DATABASE)],
    ),
    Scenario(
        "reset-connections",
        "every connection of every service to RabbitMQ and PostgreSQL is reset, at once",
        links.lose(Proxy.reset, seconds=3.0),
        links=[(kind, to) for kind in SERVICES for to in (BROKER, DATABASE)],
        quick=True,
    ),
    Scenario(
        "memory-alarm",
        "RabbitMQ's memory alarm: it takes nothing until it is over",
        outages.raise_memory_alarm,
        target=RESTARTED,
    ),
    Scenario(
        "delete-queue",
        "chat.events is deleted; made again by the job, and the log replayed into chat",
        queues.delete_chats,
        target=RESTARTED,
    ),
    Scenario(
        "rebuild-notifier",
        "the notifier's database is dropped, and made anew from the log by `replay --rebuild`",
        rebuilding.rebuild_notifier,
        may_reset=True,
        target=RESTARTED,
        check=rebuilding.all_reload,
    ),
    Scenario(
        "slow-readers",
        "readers who don't read, in a busy group with long messages",
        slow.stall,
        sizes=slow.SIZES,
    ),
    Scenario(
        "crowd-returns",
        "kill -9 of all notifiers, with thousands of streams that come back at once",
        crowd.return_at_once,
        target=crowd.SERVED_SECONDS,
        sizes=crowd.SIZES,
    ),
    Scenario(
        "freeze-chat",
        "SIGSTOP of the chat replica that relays, SIGCONT after 45 s",
        faults.freeze("chat", 45.0, at_work=RELAYING),
        target=RESTARTED,
    ),
    Scenario(
        "rolling-deploy",
        "every replica of every service stopped and started, one after the other",
        outages.roll("groups", "chat", "notifier"),
        calls_may_fail=False,
    ),
    Scenario(
        "events-again-and-poison",
        "everything published comes twice more, shuffled, with poison among it",
        events.inject,
        quick=True,
    ),
    Scenario(
        "events-in-disorder",
        "changes of memberships reach chat for the first time, and the newest of them first",
        disorder.reverse,
        target=RESTARTED,
        check=copies.memberships_agree,
    ),
    Scenario(
        "removed-and-expired",
        "a member is removed, and tokens end, while their streams live",
        access.lose_access,
    ),
    Scenario(
        "issuer-clock-skew",
        "tokens of an issuer whose clock is five minutes off",
        access.skew_clocks,
    ),
    Scenario(
        "slow-commits",
        "commits that take 0.2 s: others overtake them, and nobody may hear of them before",
        commits.slow_down,
    ),
    Scenario(
        "resume-often",
        "readers who leave and resume all the time, in a busy group",
        hoppers.resume_often,
        arms=("notifier", "feed.read=sleep:0.03"),
        sizes=hoppers.SIZES,
    ),
    Scenario(
        "lost-routes",
        "no queue is bound for what chat and notifier tell, for 3 s; then the topology job",
        routes.lose_routes,
        target=RESTARTED,
    ),
    Scenario(
        "cluster-leader-dies",
        "three nodes: kill -9 of the one that leads the queues, started again",
        nodes.leader_dies,
        layout=Layout.CLUSTER,
    ),
    Scenario(
        "cluster-node-partitioned",
        "three nodes: the one that leads is cut off from the others for 20 s, and stops by itself",
        nodes.leader_cut_off,
        target=FROZEN,
        layout=Layout.CLUSTER,
    ),
    Scenario(
        "cluster-quorum-lost",
        "three nodes: kill -9 of two for 8 s; the third stops by itself",
        nodes.quorum_lost,
        target=RESTARTED,
        layout=Layout.CLUSTER,
    ),
    Scenario(
        "disk-full-postgres",
        "PostgreSQL's disk is full for 8 s: no room for another row",
        filling.fill_postgres,
        target=RESTARTED,
        layout=Layout.SMALL_DISKS,
    ),
    Scenario(
        "disk-full-write-ahead-log",
        "PostgreSQL's disk is full for 8 s, and its write-ahead log as well: it gives up",
        filling.fill_write_ahead_log,
        target=RESTARTED,
        layout=Layout.SMALL_DISKS,
    ),
    Scenario(
        "disk-alarm-broker",
        "RabbitMQ's disk alarm: little is left, and it takes nothing until there is more",
        filling.raise_disk_alarm,
        target=RESTARTED,
        layout=Layout.SMALL_DISKS,
    ),
    Scenario(
        "disk-full-broker",
        "RabbitMQ's disk is full for 8 s without an alarm; then it is started again",
        filling.fill_broker,
        target=RESTARTED,
        layout=Layout.SMALL_DISKS,
    ),
)
