"""Creating a group."""

import re

from shared.events.groups import GroupCreated
from tests.fixtures.people import Person
from tests.integration.groups.conftest import Facts
from tests.integration.groups.helpers import a_group, member_ids


async def test_the_answer_is_the_whole_group(alice: Person) -> None:
    answer = await alice.post(
        "/v1/groups",
        {
            "name": "  Climbing ",
            "description": "Thursdays\n19:00",
            "avatar": "https://example.com/rope.png",
            "memberIds": ["bob", "carol"],
            "settings": {"onlyAdminsCanMessage": True},
        },
    )
    assert answer.status == 201
    group = answer.body
    assert re.fullmatch(
        r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-.{12}", group["id"]
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", group["createdAt"])
    assert group == {
        "id": group["id"],
        "type": "group",
        "name": "Climbing",
        "description": "Thursdays\n19:00",
        "avatar": "https://example.com/rope.png",
        "createdBy": "alice",
        "settings": {
            "onlyAdminsCanMessage": True,
            "onlyAdminsCanEditInfo": True,
            "maxMembers": 256,
        },
        "memberCount": 3,
        "role": "admin",
        "receipts": "individual",
        "createdAt": group["createdAt"],
        "updatedAt": group["createdAt"],
    }
    assert (await alice.get(f"/v1/groups/{group['id']}")).body == group


async def test_a_name_is_all_it_takes(alice: Person) -> None:
    answer = await alice.post("/v1/groups", {"name": "Climbing"})
    assert answer.status == 201
    assert answer.body["description"] == ""
    assert answer.body["avatar"] is None
    assert answer.body["memberCount"] == 1
    assert answer.body["settings"] == {
        "onlyAdminsCanMessage": False,
        "onlyAdminsCanEditInfo": True,
        "maxMembers": 256,
    }


async def test_those_added_see_the_group_as_members(alice: Person, bob: Person) -> None:
    group = await a_group(alice, "bob")
    seen = await bob.get(f"/v1/groups/{group['id']}")
    assert seen.body == {**group, "role": "member"}


async def test_repeats_and_oneself_are_ignored(alice: Person) -> None:
    group = await a_group(alice, "bob", "alice", "bob")
    assert group["memberCount"] == 2
    assert await member_ids(alice, group["id"]) == ["alice", "bob"]


async def test_a_group_that_would_be_too_full_is_not_made(alice: Person, facts: Facts) -> None:
    body = {"name": "Pair", "memberIds": ["bob", "carol"], "settings": {"maxMembers": 2}}
    answer = await alice.post("/v1/groups", body)
    assert (answer.status, answer.code) == (409, "group_full")
    assert (await alice.get("/v1/groups")).body["groups"] == []
    assert await facts() == []


async def test_exactly_as_many_as_the_group_takes_fit(alice: Person) -> None:
    group = await a_group(alice, "bob", settings={"maxMembers": 2})
    assert group["memberCount"] == 2


async def test_the_largest_group_can_be_made_in_one_call(alice: Person, facts: Facts) -> None:
    ids = [f"user-{number}" for number in range(1023)]
    group = await a_group(alice, *ids, settings={"maxMembers": 1024})
    assert group["memberCount"] == 1024
    assert group["receipts"] == "aggregate"
    [event] = await facts()
    assert isinstance(event.fact, GroupCreated)
    assert event.fact.audience == tuple(ids)
    assert len(event.fact.members) == 1024


async def test_receipts_are_individual_up_to_a_hundred_members(alice: Person) -> None:
    ids = [f"user-{number}" for number in range(99)]
    group = await a_group(alice, *ids)
    assert (group["memberCount"], group["receipts"]) == (100, "individual")
    answer = await alice.post(f"/v1/groups/{group['id']}/members", {"memberIds": ["one-more"]})
    assert answer.body["group"]["receipts"] == "aggregate"


async def test_those_added_are_told_and_the_creator_is_not(
    alice: Person, bob: Person, facts: Facts
) -> None:
    await bob.get("/v1/groups")
    group = await a_group(alice, "bob", "dave", description="Thursdays")
    [event] = await facts()
    fact = event.fact
    assert isinstance(fact, GroupCreated)
    assert fact.audience == ("bob", "dave")
    assert (fact.actor.user_id, fact.actor.name) == ("alice", "Alice")
    assert [(m.user_id, m.name, m.role) for m in fact.members] == [
        ("alice", "Alice", "admin"),
        ("bob", "Bob", "member"),
        ("dave", "dave", "member"),
    ]
    assert str(fact.group.id) == group["id"]
    assert (fact.group.type, fact.group.name) == ("group", "Climbing")
    assert (fact.group.description, fact.group.avatar) == ("Thursdays", None)
    assert (fact.group.created_by, fact.group.version) == ("alice", 1)
    assert fact.subject == fact.group.id


async def test_a_group_of_one_tells_nobody(alice: Person, facts: Facts) -> None:
    await a_group(alice)
    [event] = await facts()
    assert isinstance(event.fact, GroupCreated)
    assert event.fact.audience == ()
