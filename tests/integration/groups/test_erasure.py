"""Somebody is erased: they leave every group under a pseudonym, and no group is left without an
owner."""

from http import HTTPStatus

from shared.events.envelope import Event
from shared.events.groups import GroupDeleted, MemberLeft, MemberRoleChanged, PersonErasedFromGroups
from shared.postgres.pool import OwnConnection
from tests.fixtures.erasing import ask_to_erase, data_of, operator, traces
from tests.fixtures.people import Person
from tests.fixtures.tokens import bearer
from tests.fixtures.waiting import eventually
from tests.integration.groups.conftest import Client, Facts
from tests.integration.groups.helpers import a_dm, a_group, make_admin, member_ids

MALLORY, NAME = "mallory@example.com", "Mallory Malicious"


async def erased(client: Client, facts: Facts) -> Event:
    """Erase Mallory; the fact that says so."""
    number = await ask_to_erase(client, MALLORY)

    async def said() -> bool:
        return any(_is_told(event, number) for event in await facts())

    await eventually(said)
    [event] = [event for event in await facts() if _is_told(event, number)]
    return event


def _is_told(event: Event, number: str) -> bool:
    return isinstance(event.fact, PersonErasedFromGroups) and str(event.fact.erasure_id) == number


async def test_groups_of_theirs_go_to_the_admin_who_was_there_longest(
    client: Client, alice: Person, bob: Person, facts: Facts
) -> None:
    mallory = Person(client, MALLORY, NAME)
    group = await a_group(mallory, "alice")
    await mallory.post(f"/v1/groups/{group['id']}/members", {"memberIds": ["bob"]})
    await make_admin(mallory, group["id"], "bob")
    event = await erased(client, facts)
    assert (await bob.get(f"/v1/groups/{group['id']}")).body["createdBy"] == "bob"
    assert (await alice.get(f"/v1/groups/{group['id']}")).body["role"] == "member"
    assert await member_ids(alice, group["id"]) == ["alice", "bob"]
    assert isinstance(event.fact, PersonErasedFromGroups)
    assert event.fact.user_id == MALLORY
    assert event.fact.erased["ownedGroups"] == 1
    handed, left = (
        [e.fact for e in await facts() if isinstance(e.fact, MemberRoleChanged)][-1],
        next(e.fact for e in await facts() if isinstance(e.fact, MemberLeft)),
    )
    assert isinstance(handed, MemberRoleChanged)
    assert (handed.created_by, handed.audience) == ("bob", ("bob",))
    assert left.audience == ("alice", "bob")
    assert left.group.version == handed.group.version + 1


async def test_without_another_admin_the_longest_member_follows(
    client: Client, alice: Person, facts: Facts
) -> None:
    mallory = Person(client, MALLORY, NAME)
    group = await a_group(mallory, "alice", "zoe")
    await erased(client, facts)
    seen = (await alice.get(f"/v1/groups/{group['id']}")).body
    assert (seen["createdBy"], seen["role"]) == ("alice", "admin")


async def test_a_group_of_nobody_else_is_deleted_with_what_it_says(
    client: Client, facts: Facts, database: OwnConnection
) -> None:
    mallory = Person(client, MALLORY, NAME)
    await a_group(mallory, name="Mallory's diary", description="Dear diary")
    await erased(client, facts)
    assert any(isinstance(event.fact, GroupDeleted) for event in await facts())
    assert await database.fetchval("SELECT bool_and(is_deleted) FROM groups")
    assert await traces(database, "diary") == []


async def test_a_dm_stays_with_the_other_and_a_new_one_can_be_opened(
    client: Client, alice: Person, facts: Facts
) -> None:
    mallory = Person(client, MALLORY, NAME)
    dm = await a_dm(mallory, "alice")
    await erased(client, facts)
    seen = (await alice.get(f"/v1/groups/{dm['id']}")).body
    assert (seen["name"], seen["memberCount"]) == ("Deleted account", 1)
    assert (await alice.get("/v1/groups")).body["groups"][0]["name"] == "Deleted account"
    anew = (await alice.post("/v1/groups/dm", {"recipientId": MALLORY})).body
    assert anew["id"] != dm["id"]


async def test_no_table_names_them_any_more(
    client: Client, alice: Person, facts: Facts, database: OwnConnection
) -> None:
    mallory = Person(client, MALLORY, NAME)
    for others in (("alice",), (), ("alice", "bob")):
        await a_group(mallory, *others)
    await a_dm(alice, MALLORY)
    gone = await a_group(mallory, "alice")
    await mallory.delete(f"/v1/groups/{gone['id']}")
    theirs = await a_group(alice, MALLORY)
    await alice.delete(f"/v1/groups/{theirs['id']}")
    held = await data_of(client, MALLORY)
    assert held["name"] == NAME
    assert len(held["memberships"]) == 6
    await erased(client, facts)

    async def published() -> bool:
        unpublished = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
        return not await database.fetchval(unpublished)

    await eventually(published)
    # The last fact that names them goes with the next sweep, as soon as the broker has it.
    await database.execute("DELETE FROM outbox WHERE type = 'groups.person.erased.v1'")
    assert await traces(database, MALLORY, NAME) == []
    held = await data_of(client, MALLORY)
    assert (held["name"], held["memberships"]) == (None, [])


async def test_who_comes_back_is_somebody_new_and_can_be_erased_again(
    client: Client, alice: Person, facts: Facts
) -> None:
    mallory = Person(client, MALLORY, NAME)
    await a_group(mallory, "alice")
    first = await erased(client, facts)
    group = await a_group(mallory, "alice")
    assert MALLORY in await member_ids(alice, group["id"])
    second = await erased(client, facts)
    assert first.id != second.id
    assert await member_ids(alice, group["id"]) == ["alice"]


async def test_of_somebody_never_heard_of_nothing_is_erased(client: Client, facts: Facts) -> None:
    event = await erased(client, facts)
    assert isinstance(event.fact, PersonErasedFromGroups)
    assert event.fact.erased == {}


async def test_only_services_may_ask(client: Client) -> None:
    for path, method in (("erasure", client.post), ("data", client.get)):
        for headers in ({}, bearer(MALLORY), bearer("admin")):
            async with method(f"/internal/v1/people/x/{path}", headers=headers) as answer:
                assert answer.status == HTTPStatus.UNAUTHORIZED
        async with method(f"/internal/v1/people/a%20b/{path}", headers=operator()) as answer:
            assert answer.status == HTTPStatus.NOT_FOUND
