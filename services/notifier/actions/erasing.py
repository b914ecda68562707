"""Erasing a person from the notifier, once chat has: their mailbox, their presence, and what the
notifications of others say of them."""

from collections.abc import AsyncGenerator, Mapping
from datetime import datetime, timedelta

from services.notifier.scrubbing import Words, people_in, without
from services.notifier.storage import mailboxes, people
from shared.erasures import book
from shared.erasures.book import Erasure
from shared.erasures.memory import Memory
from shared.erasures.work import NotYet, Work
from shared.events.chat import PersonErasedFromChat
from shared.events.fact import Fact
from shared.events.notifier import PersonErasedFromNotifier
from shared.outbox.record import Outbox
from shared.postgres.pool import Connection

ENTRIES = 1000
EVENTS = 5000
# Replicas write down within so long who was here when a stream or a poll ended.
WRITTEN_DOWN = timedelta(seconds=1)
# Whoever keeps coming back, with a token that is still good, is erased all the same.
PATIENCE = timedelta(seconds=10)


async def hear(
    outbox: Outbox, memory: Memory, fact: PersonErasedFromChat, moment: datetime
) -> None:
    """Chat has erased somebody, and said so at `moment`: begin here."""
    async with outbox.transaction() as connection:
        person = memory.hash(fact.user_id)
        await book.begin(connection, fact.erasure_id, person, fact.user_id, moment)
    memory.forget_what_was_looked_up()


async def erase(erasure: Erasure, work: Work) -> AsyncGenerator[None, None]:
    """Take the person out of everything that the notifier holds, in batches; what came since is of
    somebody else. What may have to wait comes before the long walk through all events."""
    async with work.batch() as batch:
        streams = await people.has_streams(batch.connection, erasure.user_id)
        if erasure.age < WRITTEN_DOWN or (streams and erasure.age < PATIENCE):
            raise NotYet
        # The ends of streams are written down by now, with the names of those who had them.
        batch.erased("presence", await people.forget_presence(batch.connection, erasure.user_id))
    yield
    removed = ENTRIES
    while removed >= ENTRIES:
        async with work.batch() as batch:
            await mailboxes.lock(batch.connection, erasure.user_id)
            removed = await people.delete_entries(batch.connection, erasure, ENTRIES)
            if removed < ENTRIES:
                await people.delete_mailbox(batch.connection, erasure.user_id)
            batch.erased("entries", removed)
        yield
    async for _ in work.outbox_is_clean():
        yield
    after: int | None = 0
    while after is not None:
        async with work.batch() as batch:
            end = await people.events_end(batch.connection, after, EVENTS)
            if end is not None:
                batch.erased("notices", await _rewrite(batch.connection, after, end, erasure))
        after = end
        yield


async def _rewrite(connection: Connection, after: int, up_to: int, erasure: Erasure) -> int:
    rewritten = []
    pseudonyms = {erasure.user_id: erasure.pseudonym}
    for row in await people.lock_naming(connection, after, up_to, erasure):
        # The same letters may be the name of a group, or a message.
        if erasure.user_id not in people_in(row["data"]):
            continue
        said = Words(row["type"], row["title"], row["message"], row["data"].encode())
        words = without(said, pseudonyms)
        rewritten.append((row["key"], words.title, words.message, words.data.decode()))
    await people.rewrite(connection, rewritten)
    return len(rewritten)


async def told(_: Connection, erasure: Erasure, erased: Mapping[str, int]) -> Fact:
    return PersonErasedFromNotifier(erasure_id=erasure.id, erased=dict(erased))
