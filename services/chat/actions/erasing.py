"""Erasing a person from chat, once groups has: what they sent, where they were, what they are
called. Others' histories and counts stay whole, under a pseudonym."""

from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime
from uuid import UUID

from services.chat.domain.erased import notice_without
from services.chat.storage import erasure_answers, people
from services.chat.storage.erasure_answers import Answer
from shared.erasures import book
from shared.erasures.book import NAME, Erasure
from shared.erasures.memory import Memory
from shared.erasures.work import Work
from shared.events.chat import PersonErasedFromChat
from shared.events.envelope import Event
from shared.events.fact import Erasure as ErasureFact
from shared.events.fact import Fact
from shared.events.groups import PersonErasedFromGroups
from shared.outbox.record import Outbox
from shared.postgres.pool import Connection

# Positions of a group looked at in one transaction.
POSITIONS = 5000


async def hear(outbox: Outbox, memory: Memory, event: Event) -> bool:
    """A service has erased somebody: note it for the report, and begin here when it was groups.
    Whether that was begun now."""
    fact = event.fact
    assert isinstance(fact, ErasureFact), "nothing else is handed to this"
    answer = Answer(event.type.partition(".")[0], event.time, fact.erased)
    begun = False
    async with outbox.transaction() as connection:
        await erasure_answers.add(connection, fact.erasure_id, answer)
        if isinstance(fact, PersonErasedFromGroups):
            person = memory.hash(fact.user_id)
            begun = await book.begin(connection, fact.erasure_id, person, fact.user_id, event.time)
    memory.forget_what_was_looked_up()
    return begun


async def erase(erasure: Erasure, work: Work) -> AsyncGenerator[None, None]:
    """Take the person out of everything that chat holds, in batches."""
    after: UUID | None = UUID(int=0)
    while after is not None:
        async with work.batch() as batch:
            theirs = await people.groups_of(batch.connection, erasure.user_id, after)
        for group_id, last_seq in theirs:
            async for _ in _erase_from(erasure, work, group_id, last_seq):
                yield
        after = theirs[-1][0] if theirs else None
    async with work.batch() as batch:
        await people.disown(batch.connection, erasure.user_id, erasure.pseudonym)
        names = await people.forget_name(batch.connection, erasure.user_id, erasure.pseudonym, NAME)
        batch.erased("names", names)
    yield
    async for _ in work.outbox_is_clean():
        yield


async def _erase_from(
    erasure: Erasure, work: Work, group_id: UUID, last_seq: int
) -> AsyncGenerator[None, None]:
    """One group; the membership last, so that an erasure that broke off finds the group again."""
    user_id, pseudonym = erasure.user_id, erasure.pseudonym
    for start in range(0, last_seq, POSITIONS):
        place = (group_id, start, start + POSITIONS)
        async with work.batch() as batch:
            blanked = await people.blank_messages(batch.connection, place, user_id, pseudonym)
            batch.erased("messages", blanked)
            batch.erased("notices", await _rewrite(batch.connection, place, erasure))
        yield
    async with work.batch() as batch:
        renamed = await people.rename(batch.connection, group_id, user_id, pseudonym)
        batch.erased("memberships", renamed)
    yield


async def _rewrite(connection: Connection, place: tuple[UUID, int, int], erasure: Erasure) -> int:
    rewritten = []
    for row in await people.lock_notices(connection, place, erasure.user_id, erasure.token):
        sender = erasure.pseudonym if row["sender_id"] == erasure.user_id else row["sender_id"]
        said = notice_without(row["metadata"], erasure.user_id, erasure.pseudonym)
        rewritten.append((row["id"], sender, *said))
    await people.rewrite_notices(connection, rewritten)
    return len(rewritten)


async def told(connection: Connection, erasure: Erasure, erased: Mapping[str, int]) -> Fact:
    """Publish that chat is done, and note it for the report."""
    await erasure_answers.add(connection, erasure.id, Answer("chat", datetime.now(UTC), erased))
    return PersonErasedFromChat(erasure_id=erasure.id, user_id=erasure.user_id, erased=dict(erased))
