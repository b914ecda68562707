"""What another service is told of a group it has not heard of yet."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from pydantic_core import to_json

from shared.events.envelope import decode
from shared.events.groups import GroupSnapshot
from shared.web.service_tokens import ServiceTokens
from tests.fixtures.people import Person
from tests.fixtures.tokens import SECRET, SERVICE_SECRET, bearer
from tests.integration.groups.conftest import Client, Facts
from tests.integration.groups.helpers import a_dm, a_group


def as_chat() -> dict[str, str]:
    """A token made now: they live for a minute, and the suite for longer."""
    return {"Authorization": f"Bearer {ServiceTokens(SERVICE_SECRET, 'chat').new()}"}


async def ask(client: Client, group_id: str, query: str = "") -> tuple[int, Any]:
    async with client.get(f"/internal/v1/groups/{group_id}{query}", headers=as_chat()) as response:
        return response.status, await response.json(content_type=None)


async def snapshot(client: Client, group_id: str, query: str = "") -> GroupSnapshot:
    status, body = await ask(client, group_id, query)
    assert status == 200, body
    return GroupSnapshot.model_validate(body)


async def test_the_present_state_with_all_facts_behind_it(
    alice: Person, client: Client, facts: Facts
) -> None:
    group = await a_group(alice, "bob", description="Thursdays")
    await alice.patch(f"/v1/groups/{group['id']}", {"name": "Bouldering"})
    await a_group(alice, "dave")
    found = await snapshot(client, group["id"])
    assert (found.group.name, found.group.version) == ("Bouldering", 2)
    assert found.group.description == "Thursdays"
    assert not found.is_deleted
    assert [(m.user_id, m.name, m.role) for m in found.members] == [
        ("alice", "Alice", "admin"),
        ("bob", "bob", "member"),
    ]
    status, body = await ask(client, group["id"])
    assert (status, len(body["facts"])) == (200, 2)
    assert [decode(to_json(fact)) for fact in body["facts"]] == (await facts())[:2]
    assert body["facts"][0]["type"] == "groups.group.created.v1"
    assert UUID(body["facts"][0]["subject"]) == UUID(group["id"])


@pytest.mark.parametrize(("after", "versions"), [(0, [1, 2, 3, 4]), (2, [3, 4]), (4, []), (9, [])])
async def test_only_what_came_after_the_version_known(
    after: int, versions: list[int], alice: Person, client: Client
) -> None:
    group = await a_group(alice)
    for name in ("Two", "Three", "Four"):
        await alice.patch(f"/v1/groups/{group['id']}", {"name": name})
    _, body = await ask(client, group["id"], f"?after={after}")
    assert [fact["data"]["group"]["version"] for fact in body["facts"]] == versions


async def test_at_most_the_last_hundred_facts(alice: Person, client: Client) -> None:
    group = await a_group(alice)
    for number in range(105):
        await alice.patch(f"/v1/groups/{group['id']}", {"name": f"Name {number}"})
    _, body = await ask(client, group["id"])
    versions = [fact["data"]["group"]["version"] for fact in body["facts"]]
    assert versions == list(range(7, 107))


async def test_a_deleted_group_is_told_without_members(alice: Person, client: Client) -> None:
    group = await a_group(alice, "bob")
    await alice.delete(f"/v1/groups/{group['id']}")
    found = await snapshot(client, group["id"], "?after=1")
    assert (found.is_deleted, found.members) == (True, ())
    assert [fact["type"] for fact in found.facts] == ["groups.group.deleted.v1"]


async def test_a_dm_is_told_without_a_name(alice: Person, client: Client) -> None:
    dm = await a_dm(alice, "bob")
    found = await snapshot(client, dm["id"])
    assert (found.group.type, found.group.name) == ("dm", None)
    assert {m.user_id for m in found.members} == {"alice", "bob"}


async def test_state_members_and_facts_are_of_one_moment(alice: Person, client: Client) -> None:
    group = await a_group(alice)
    path = f"/v1/groups/{group['id']}/members"
    people = [f"user-{number}" for number in range(40)]
    _, *answers = await asyncio.gather(
        asyncio.gather(*(alice.post(path, {"memberIds": [user]}) for user in people)),
        *(ask(client, group["id"]) for _ in range(40)),
    )
    for _, body in answers:
        last = body["facts"][-1]["data"]
        assert last["group"]["version"] == body["group"]["version"]
        assert last["members"] == body["members"]


@pytest.mark.parametrize("group_id", ["01920000-0000-7000-8000-000000000000", "nonsense", "%00"])
async def test_what_is_no_group_is_not_found(group_id: str, client: Client) -> None:
    status, body = await ask(client, group_id)
    assert (status, body["code"]) == (404, "group_not_found")


@pytest.mark.parametrize("after", ["-1", "x", "", "99999999999999999999", "1.0"])
async def test_a_bad_version_is_named(after: str, alice: Person, client: Client) -> None:
    group = await a_group(alice)
    status, body = await ask(client, group["id"], f"?after={after}")
    assert status == 422
    assert [error["field"] for error in body["errors"]] == ["after"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        bearer("alice"),
        # Nor somebody who guesses who the services are, but not their secret.
        bearer("chat", iss="circles-services", aud="circles-internal"),
        {"Authorization": f"Bearer {ServiceTokens(SECRET, 'chat').new()}"},
    ],
)
async def test_no_client_may_ask(headers: dict[str, str], alice: Person, client: Client) -> None:
    group = await a_group(alice)
    async with client.get(f"/internal/v1/groups/{group['id']}", headers=headers) as response:
        assert response.status == 401


async def test_a_service_is_no_user(client: Client) -> None:
    async with client.get("/v1/groups", headers=as_chat()) as response:
        assert response.status == 401
