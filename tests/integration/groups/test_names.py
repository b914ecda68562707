"""Display names: learned from tokens as they come by."""

from collections.abc import Callable

from shared.events.groups import MemberLeft
from shared.postgres.pool import OwnConnection
from tests.fixtures.people import Person
from tests.integration.groups.conftest import Facts
from tests.integration.groups.helpers import a_group


async def names(person: Person, group_id: str) -> dict[str, str]:
    members = (await person.get(f"/v1/groups/{group_id}/members")).body["members"]
    return {member["userId"]: member["name"] for member in members}


async def test_who_never_called_is_known_by_id(alice: Person) -> None:
    group = await a_group(alice, "bob")
    assert await names(alice, group["id"]) == {"alice": "Alice", "bob": "bob"}


async def test_the_last_name_known_is_shown(person: Callable[..., Person]) -> None:
    alice = person("alice", "Alice")
    group = await a_group(alice, "bob")
    for name in ("Bob", "Robert", "Bob"):
        await person("bob", name).get("/v1/groups")
        assert (await names(alice, group["id"]))["bob"] == name


async def test_a_token_without_a_usable_name_forgets_nothing(
    person: Callable[..., Person],
) -> None:
    alice = person("alice", "Alice")
    group = await a_group(alice, "bob")
    await person("bob", "Bob").get("/v1/groups")
    for unusable in (None, "", "   ", "x" * 101, "a\nb", "a\0b"):
        await person("bob", unusable).get("/v1/groups")
    assert (await names(alice, group["id"]))["bob"] == "Bob"


async def test_names_are_trimmed_and_may_be_written_in_any_script(
    person: Callable[..., Person],
) -> None:
    alice = person("alice", "  Алиса 👩‍👩‍👧 ")
    group = await a_group(alice)
    assert await names(alice, group["id"]) == {"alice": "Алиса 👩‍👩‍👧"}


async def test_what_someone_does_is_told_under_the_name_of_that_call(
    person: Callable[..., Person], facts: Facts
) -> None:
    group = await a_group(person("alice", "Alice"), "bob")
    await person("bob", "Bobby").post(f"/v1/groups/{group['id']}/leave")
    fact = (await facts())[-1].fact
    assert isinstance(fact, MemberLeft)
    assert fact.actor.name == "Bobby"


async def test_a_name_is_written_only_when_it_is_news(
    alice: Person, database: OwnConnection
) -> None:
    async def version() -> object:
        return await database.fetchval("SELECT xmin::text || '-' || xmax FROM display_names")

    await alice.get("/v1/groups")
    before = await version()
    await alice.get("/v1/groups")
    assert await version() == before
