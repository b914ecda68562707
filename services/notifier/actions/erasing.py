"""Erasing a person from the notifier, once chat has: their mailbox, their presence, and what others'
notifications say of them."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

from services.notifier.scrubbing import Words, people_in, without
from services.notifier.storage import mailboxes, people
from shared.erasures import book
from shared.erasures.book import Erasure
from shared.erasures.memory import Memory
from shared.erasures.work import NotYet, Work
from shared.events.chat import PersonErased as ErasedFromChat
from shared.events.fact import Fact
from shared.events.notifier import PersonErased
from shared.outbox.record import Outbox
from shared.postgres.pool import Connection

ENTRIES = 1000
EVENTS = 5000
# Replicas write down within so long who was here when a stream or a poll ended.
WRITTEN_DOWN = timedelta(seconds=1)
# Whoever keeps coming back, with a token that is still good, is erased all the same.
PATIENCE = timedelta(seconds=10)


async def hear(outbox: Outbox, memory: Memory, fact: ErasedFromChat) -> None:
    """Chat has erased somebody: begin here."""
    async with outbox.transaction() as connection:
        person = memory.hash(fact.user_id)
        await book.begin(connection, fact.erasure_id, person, fact.user_id)
    memory.forget_what_was_looked_up()


async def erase(erasure: Erasure, work: Work) -> AsyncIterator[None]:
    """Take the person out of everything that the notifier holds, in batches."""
    removed = ENTRIES
    while removed >= ENTRIES:
        async with work.batch() as batch:
            await mailboxes.lock(batch.connection, erasure.user_id)
            removed = await people.delete_entries(batch.connection, erasure.user_id, ENTRIES)
            if removed < ENTRIES:
                await people.delete_mailbox(batch.connection, erasure.user_id)
            batch.erased("entries", removed)
        yield
    after: int | None = 0
    while after is not None:
        async with work.batch() as batch:
            end = await people.events_end(batch.connection, after, EVENTS)
            if end is not None:
                batch.erased(
                    "notices", await _rewrite(batch.connection, after, end, erasure)
                )
        after = end
        yield
    async for _ in work.outbox_is_clean():
        yield
    # Last: the ends of streams are written down with the names of those who had them.
    async with work.batch() as batch:
        streams = await people.has_streams(batch.connection, erasure.user_id)
        if erasure.age < WRITTEN_DOWN or (streams and erasure.age < PATIENCE):
            raise NotYet
        batch.erased("presence", await people.forget_presence(batch.connection, erasure.user_id))
    yield


async def _rewrite(connection: Connection, after: int, up_to: int, erasure: Erasure) -> int:
    rewritten = []
    pseudonyms = {erasure.user_id: erasure.pseudonym}
    for row in await people.lock_naming(connection, after, up_to, erasure.token):
        # The same letters may be the name of a group, or a message.
        if erasure.user_id not in people_in(row["data"]):
            continue
        said = Words(row["type"], row["title"], row["message"], row["data"].encode())
        words = without(said, pseudonyms)
        rewritten.append((row["key"], words.title, words.message, words.data.decode()))
    await people.rewrite(connection, rewritten)
    return len(rewritten)


async def told(_: Connection, erasure: Erasure, erased: Mapping[str, int]) -> Fact:
    return PersonErased(erasure_id=erasure.id, erased=dict(erased))
