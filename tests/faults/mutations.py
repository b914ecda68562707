"""Guarantees, each broken on purpose, and the scenario that must find it. Data, to be added to.

An edit names a file of the tree and a text that stands in it exactly once. What is told of the
mutants is what a careless change could make of them: they start, serve, and work on a quiet day.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Edit:
    """In `file`, `old` becomes `new`."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Mutation:
    """`breaks` is the guarantee in words. One of the violations that `scenario` finds must contain
    one of `found_as`: a mutant that fails in another way was not caught, but stumbled over."""

    name: str
    breaks: str
    scenario: str
    found_as: Sequence[str]
    edits: Sequence[Edit]


RELAY = "shared/outbox/relay.py"
CONSUMER = "shared/rabbitmq/consumer.py"
PUBLISHER = "shared/rabbitmq/publisher.py"
BATCHES = "services/notifier/inbox/batches.py"
ACTION = "services/notifier/actions/entries.py"
STORAGE = "services/notifier/storage/entries.py"
MAILBOXES = "services/notifier/migrations/0101_create_mailboxes.sql"
STREAM = "services/notifier/api/event_stream.py"
FOLLOWER = "services/notifier/streams/follower.py"
CONNECTION = "services/notifier/streams/connection.py"
OPENING = "services/notifier/streams/opening.py"
POSTS = "services/chat/storage/posts.py"

LOST = ("entry missing",)
# Followers notice a gap and read what they lack. Without that they write whatever comes that is
# newer, and only what is tested here keeps them whole.
_WRITES_WHATEVER_COMES = Edit(
    CONNECTION,
    "if not self.live or seq != self.position + 1:",
    "if not self.live or seq <= self.position:",
)

MUTATIONS: Sequence[Mutation] = (
    Mutation(
        "naive-cursor",
        "The relay finds what is unpublished by its state, not by an id beyond the last one",
        "slow-commits",
        LOST,
        (
            Edit(
                RELAY,
                "WHERE published_at IS NULL ORDER BY id LIMIT $1",
                "WHERE id > $2 ORDER BY id LIMIT $1",
            ),
            Edit(
                RELAY,
                "        pace = Pace(PACE_SECONDS)\n        while True:",
                "        pace = Pace(PACE_SECONDS)\n        seen = 0\n        while True:",
            ),
            Edit(
                RELAY,
                "rows = await connection.fetch(_UNPUBLISHED, BATCH)",
                "rows = await connection.fetch(_UNPUBLISHED, BATCH, seen)\n"
                "            seen = rows[-1]['id'] if rows else seen",
            ),
        ),
    ),
    Mutation(
        "mark-before-confirm",
        "An event is marked as published only when the broker has confirmed it",
        "chat-dies-relay-claimed",
        LOST,
        (
            Edit(
                RELAY,
                'await failpoints.reached("relay.claimed")',
                'await connection.execute(_MARK, [row["id"] for row in rows])\n'
                '        await failpoints.reached("relay.claimed")',
            ),
        ),
    ),
    Mutation(
        "unroutable-is-success",
        "An event that no queue took does not count as published",
        "lost-routes",
        LOST,
        (Edit(PUBLISHER, "on_return_raises=True", "on_return_raises=False"),),
    ),
    Mutation(
        "acknowledge-before-commit",
        "A batch is acknowledged only when it is committed",
        "notifier-dies-consumer-delivered",
        LOST,
        (
            Edit(
                CONSUMER,
                "        after = await self._handle_together(parking, events) if events else []",
                "        await channel.basic_ack(batch[-1].delivery_tag or 0, multiple=True)\n"
                "        after = await self._handle_together(parking, events) if events else []",
            ),
            Edit(
                CONSUMER,
                "that the handler skips.\n"
                "        await channel.basic_ack(batch[-1].delivery_tag or 0, multiple=True)",
                "that the handler skips.",
            ),
        ),
    ),
    Mutation(
        "no-unique-key",
        "An event that comes again makes no second entry",
        "events-again-and-poison",
        ("entry stored twice",),
        (
            Edit(MAILBOXES, "uuid        NOT NULL UNIQUE,", "uuid        NOT NULL,"),
            Edit(STORAGE, "    ON CONFLICT (id) DO NOTHING\n", ""),
        ),
    ),
    Mutation(
        "push-before-commit",
        "No frame shows an entry that is not committed",
        "slow-commits",
        ("frame of an entry that is not committed",),
        (
            Edit(
                ACTION,
                "(database: Database, notices: Sequence[Notice]) -> list[Stored]:",
                "(database: Database, notices: Sequence[Notice], show=None) -> list[Stored]:",
            ),
            Edit(
                ACTION,
                "database.transaction() if deleted else database.connection()",
                "database.transaction()",
            ),
            Edit(
                ACTION,
                "        if deleted:\n            await events.blank",
                "        if show:\n"
                "            show([Stored(n, landed.get(i)) for i, n in enumerate(notices)])\n"
                "        if deleted:\n            await events.blank",
            ),
            Edit(
                BATCHES,
                "(database: Database, events: Sequence[Event], landed: Landed) -> None:",
                "(database: Database, events: Sequence[Event], landed, hub=None) -> None:",
            ),
            Edit(
                BATCHES,
                "await store(self._database, events, landed)",
                "await store(self._database, events, landed, self._hub)",
            ),
            Edit(
                BATCHES,
                "await store_batch(database, notices), began)",
                "await store_batch(\n"
                "            database, notices, hub and (lambda new: hub.push(map(_push, new)))\n"
                "        ), began)",
            ),
        ),
    ),
    Mutation(
        "register-after-read",
        "A stream that resumes is registered before it reads: what comes in between is heard of",
        "resume-often",
        ("gap on the wire",),
        (
            _WRITES_WHATEVER_COMES,
            Edit(STREAM, "    streams.hub.register(connection)\n", ""),
            Edit(
                STREAM,
                "        connection.attach(request, response)",
                "        streams.hub.register(connection)\n"
                "        connection.attach(request, response)",
            ),
        ),
    ),
    Mutation(
        "live-without-asking",
        "A stream goes live only when it has read everything that it heard of meanwhile",
        "resume-often",
        ("gap on the wire",),
        (
            _WRITES_WHATEVER_COMES,
            Edit(
                FOLLOWER,
                "caught_up = complete and self.top == self.position and not self.must_look",
                "caught_up = complete",
            ),
        ),
    ),
    Mutation(
        "reset-instead-of-resume",
        "A cursor that is good is resumed from: a reset is no way out of reading",
        "kill-gateway",
        ("reset of a cursor that is good",),
        (
            Edit(
                OPENING,
                "        reason = reason_to_reset(cursor, first.mailbox, self.epoch, "
                "self.replay_limit)\n",
                "        reason = ResetReason.EXPIRED if cursor_text else None\n",
            ),
        ),
    ),
    Mutation(
        "drop-what-fails",
        "An event that can't be read is parked before it is acknowledged",
        "events-again-and-poison",
        ("events parked by",),
        (
            Edit(
                CONSUMER,
                "                await parking.park(message, str(error), logged=str(error))",
                "                log.warning(str(error))",
            ),
        ),
    ),
    Mutation(
        "members-once-are-members",
        "Who was removed may no longer write",
        "removed-and-expired",
        ("somebody who was removed could write",),
        (
            Edit(
                POSTS,
                "s.user_id = a.user_id AND s.left_seq IS NULL",
                "s.user_id = a.user_id",
            ),
        ),
    ),
)
