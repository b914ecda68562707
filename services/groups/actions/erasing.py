"""Erasing a person from the groups: they leave all of them, under a pseudonym.

Groups is the first to erase, and tells chat by PersonErasedFromGroups once all that it will ever
say of the person has been recorded.
"""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from services.groups.actions.facts import person, roster, state
from services.groups.domain.circles import Circle
from services.groups.domain.heirs import heir_of
from services.groups.storage import groups, members, people
from shared.erasures import book
from shared.erasures.book import NAME, Erasure
from shared.erasures.memory import Memory
from shared.erasures.work import Batch, Work
from shared.events.fact import Fact, Person
from shared.events.groups import GroupDeleted, MemberLeft, MemberRoleChanged, PersonErasedFromGroups
from shared.ids import uuid7
from shared.outbox.record import Outbox, record
from shared.postgres.pool import Connection

# What a group is called in which only the erased person was.
NOBODYS = "Deleted group"


async def ask_to_erase(outbox: Outbox, memory: Memory, user_id: str) -> UUID:
    """Have `user_id` erased everywhere; the number of the erasure. The one that is at work, if one
    is."""
    async with outbox.transaction() as connection:
        hashed = memory.hash(user_id)
        if (present := await book.present(connection, hashed)) is not None:
            return present
        erasure_id = uuid7()
        await book.begin(connection, erasure_id, hashed, user_id, datetime.now(UTC))
    return erasure_id


async def erase(erasure: Erasure, work: Work) -> AsyncGenerator[None, None]:
    """Take the person out of everything that groups holds, in batches."""
    while group_ids := await _next_groups(work, erasure.user_id):
        for group_id in group_ids:
            async with work.batch() as batch:
                await _leave(batch, erasure, group_id)
            yield
    async with work.batch() as batch:
        user_id = erasure.user_id
        batch.erased("memberships", await people.leave_deleted(batch.connection, user_id))
        await people.disown(batch.connection, user_id, erasure.pseudonym)
        batch.erased("names", await people.forget_name(batch.connection, user_id))
    yield
    async for _ in work.outbox_is_clean():
        yield


async def told(_: Connection, erasure: Erasure, erased: Mapping[str, int]) -> Fact:
    return PersonErasedFromGroups(
        erasure_id=erasure.id, user_id=erasure.user_id, erased=dict(erased)
    )


async def _next_groups(work: Work, user_id: str) -> list[UUID]:
    async with work.batch() as batch:
        return await people.groups_of(batch.connection, user_id)


async def _leave(batch: Batch, erasure: Erasure, group_id: UUID) -> None:
    """One group: handed over if it was the person's, left by them, deleted if nobody remains."""
    connection, user_id = batch.connection, erasure.user_id
    group = await groups.lock(connection, group_id)
    if group is None:
        return
    circle = Circle.of(group, await members.of_group(connection, group_id))
    if user_id not in circle.members:
        return
    # Nothing that is said from here on names the person.
    nobody = Person(user_id=erasure.pseudonym, name=NAME)
    heir = heir_of(circle, user_id)
    if heir is None:
        facts: list[Fact] = [await _delete(batch, circle, erasure, nobody)]
    else:
        facts = []
        if circle.group.created_by == user_id and circle.group.type == "group":
            circle = await _hand_over(batch, circle, heir)
            facts.append(_handed_over(circle.without(user_id), nobody, heir))
        facts.append(await _take_out(batch, circle.without(user_id), erasure, nobody))
    await members.delete(connection, group_id, user_id)
    if circle.group.type == "dm":
        await people.release_dm(connection, group_id, user_id, erasure.pseudonym)
    await record(connection, *facts)
    batch.erased("memberships", 1)


async def _delete(batch: Batch, circle: Circle, erasure: Erasure, nobody: Person) -> Fact:
    """Nobody else is in it: what it is called and says of itself is the person's own."""
    emptied = replace(
        circle.group,
        name=None if circle.group.type == "dm" else NOBODYS,
        description="",
        avatar=None,
        created_by=erasure.pseudonym,
        is_deleted=True,
    )
    group = await groups.save(batch.connection, emptied)
    batch.erased("groups", 1)
    return GroupDeleted(group=state(group), actor=nobody, audience=())


async def _hand_over(batch: Batch, circle: Circle, heir: str) -> Circle:
    connection, group = batch.connection, replace(circle.group, created_by=heir)
    circle = replace(circle, group=await groups.save(connection, group))
    await members.set_role(connection, group.id, heir, "admin")
    batch.erased("ownedGroups", 1)
    return circle.with_role(heir, "admin")


def _handed_over(rest: Circle, nobody: Person, heir: str) -> Fact:
    """As far as this fact tells, the person is no member any more."""
    return MemberRoleChanged(
        group=state(rest.group),
        actor=nobody,
        member=person(rest.member(heir)),
        role="admin",
        created_by=heir,
        members=roster(rest),
        audience=(heir,),
    )


async def _take_out(batch: Batch, rest: Circle, erasure: Erasure, nobody: Person) -> Fact:
    group = rest.group
    if group.created_by == erasure.user_id:
        # A dm: nobody has rights as its creator.
        group = replace(group, created_by=erasure.pseudonym)
    rest = replace(rest, group=await groups.save(batch.connection, group))
    return MemberLeft(
        group=state(rest.group),
        actor=nobody,
        members=roster(rest),
        audience=tuple(rest.members),
    )
