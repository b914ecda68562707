"""Dms: groups of two that exist once."""

from collections.abc import Callable

import pytest

from shared.events.groups import GroupCreated
from tests.fixtures.people import Person
from tests.integration.groups.conftest import Facts
from tests.integration.groups.helpers import a_dm, member_ids


async def test_a_dm_is_made_once_and_found_by_both(alice: Person, bob: Person) -> None:
    made = await alice.post("/v1/groups/dm", {"recipientId": "bob"})
    again = await alice.post("/v1/groups/dm", {"recipientId": "bob"})
    back = await bob.post("/v1/groups/dm", {"recipientId": "alice"})
    assert (made.status, again.status, back.status) == (201, 200, 200)
    assert made.body["id"] == again.body["id"] == back.body["id"]
    assert (made.body["type"], made.body["memberCount"]) == ("dm", 2)
    assert made.body["role"] == back.body["role"] == "member"


async def test_each_sees_the_others_name(alice: Person, bob: Person) -> None:
    await bob.get("/v1/groups")
    dm = await a_dm(alice, "bob")
    assert dm["name"] == "Bob"
    assert (await bob.get(f"/v1/groups/{dm['id']}")).body["name"] == "Alice"
    assert (await bob.get("/v1/groups")).body["groups"][0]["name"] == "Alice"
    assert (await alice.get("/v1/groups")).body["groups"][0]["name"] == "Bob"


async def test_somebody_never_seen_can_be_written_to(alice: Person) -> None:
    dm = await a_dm(alice, "stranger-1")
    assert dm["name"] == "stranger-1"
    assert await member_ids(alice, dm["id"]) == ["alice", "stranger-1"]


async def test_a_dm_with_oneself_is_refused(alice: Person, facts: Facts) -> None:
    answer = await alice.post("/v1/groups/dm", {"recipientId": "alice"})
    assert answer.status == 422
    assert answer.bad_fields == ["recipientId"]
    assert await facts() == []


async def test_similar_ids_do_not_share_a_dm(person: Callable[..., Person]) -> None:
    dm = await a_dm(person("a"), "b.c")
    other = await a_dm(person("a.b"), "c")
    assert dm["id"] != other["id"]


async def test_the_other_is_told_once(alice: Person, bob: Person, facts: Facts) -> None:
    await a_dm(alice, "bob")
    await bob.post("/v1/groups/dm", {"recipientId": "alice"})
    [event] = await facts()
    fact = event.fact
    assert isinstance(fact, GroupCreated)
    assert fact.audience == ("bob",)
    assert (fact.group.type, fact.group.name) == ("dm", None)
    assert [(m.user_id, m.role) for m in fact.members] == [("alice", "member"), ("bob", "member")]


CHANGES = [
    ("PATCH", "", {"name": "Us"}),
    ("PATCH", "", {"avatar": None}),
    ("PATCH", "", {"settings": {"maxMembers": 3}}),
    ("DELETE", "", None),
    ("POST", "/members", {"memberIds": ["carol"]}),
    ("DELETE", "/members/alice", None),
    ("DELETE", "/members/bob", None),
    ("DELETE", "/members/carol", None),
    ("PATCH", "/members/bob/role", {"role": "admin"}),
    ("POST", "/leave", None),
    ("POST", "/transfer", {"userId": "bob"}),
    ("POST", "/transfer", {"userId": "carol"}),
]


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
async def test_a_dm_stays_as_it_is(
    method: str, path: str, body: object, alice: Person, bob: Person, carol: Person, facts: Facts
) -> None:
    await bob.get("/v1/groups")
    dm = await a_dm(alice, "bob")
    for person in (alice, bob):
        answer = await person.call(method, f"/v1/groups/{dm['id']}{path}", json=body)
        assert (answer.status, answer.code) == (409, "dm_immutable")
    stranger = await carol.call(method, f"/v1/groups/{dm['id']}{path}", json=body)
    assert (stranger.status, stranger.code) == (404, "group_not_found")
    assert (await alice.get(f"/v1/groups/{dm['id']}")).body == dm
    assert len(await facts()) == 1


async def test_dm_is_an_address_and_no_id(alice: Person) -> None:
    assert (await alice.get("/v1/groups/dm")).status == 405
    assert (await alice.post("/v1/groups/dm", {"recipientId": "bob"})).status == 201
