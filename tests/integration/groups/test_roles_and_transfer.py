"""Roles, and handing a group over."""

import pytest

from shared.events.groups import MemberRoleChanged
from tests.fixtures.people import Person
from tests.integration.groups.conftest import Facts
from tests.integration.groups.helpers import a_group, make_admin


async def test_the_one_promoted_is_told(alice: Person, bob: Person, facts: Facts) -> None:
    await bob.get("/v1/groups")
    group = await a_group(alice, "bob", "carol")
    path = f"/v1/groups/{group['id']}/members/bob/role"
    answer = await alice.patch(path, {"role": "admin"})
    assert answer.status == 200
    assert answer.body == {
        "userId": "bob",
        "name": "Bob",
        "role": "admin",
        "joinedAt": group["createdAt"],
    }
    fact = (await facts())[-1].fact
    assert isinstance(fact, MemberRoleChanged)
    assert fact.audience == ("bob",)
    assert (fact.member.user_id, fact.role, fact.created_by) == ("bob", "admin", None)
    assert fact.actor.user_id == "alice"
    assert {m.user_id: m.role for m in fact.members} == {
        "alice": "admin",
        "bob": "admin",
        "carol": "member",
    }
    assert fact.group.version == 2


async def test_an_admin_made_member_loses_the_rights(alice: Person, bob: Person) -> None:
    group = await a_group(alice, "bob")
    await make_admin(alice, group["id"], "bob")
    path = f"/v1/groups/{group['id']}/members"
    assert (await bob.post(path, {"memberIds": ["carol"]})).status == 200
    # Even by their own hand.
    assert (await bob.patch(f"{path}/bob/role", {"role": "member"})).body["role"] == "member"
    assert (await bob.post(path, {"memberIds": ["dave"]})).code == "not_an_admin"


async def test_the_same_role_is_no_change(alice: Person, facts: Facts) -> None:
    group = await a_group(alice, "bob")
    answer = await alice.patch(f"/v1/groups/{group['id']}/members/bob/role", {"role": "member"})
    assert (answer.status, answer.body["role"]) == (200, "member")
    assert len(await facts()) == 1


@pytest.mark.parametrize("role", ["member", "admin"])
async def test_nobody_changes_the_creators_role(role: str, alice: Person, bob: Person) -> None:
    group = await a_group(alice, "bob")
    await make_admin(alice, group["id"], "bob")
    for actor in (alice, bob):
        path = f"/v1/groups/{group['id']}/members/alice/role"
        answer = await actor.patch(path, {"role": role})
        assert (answer.status, answer.code) == (409, "creator_protected")


async def test_who_is_not_in_has_no_role(alice: Person) -> None:
    group = await a_group(alice)
    answer = await alice.patch(f"/v1/groups/{group['id']}/members/zoe/role", {"role": "admin"})
    assert (answer.status, answer.code) == (404, "member_not_found")


async def test_the_heir_becomes_creator_and_admin(alice: Person, bob: Person, facts: Facts) -> None:
    group = await a_group(alice, "bob", "carol")
    answer = await alice.post(f"/v1/groups/{group['id']}/transfer", {"userId": "bob"})
    assert answer.status == 200
    assert (answer.body["createdBy"], answer.body["role"]) == ("bob", "admin")
    seen = (await bob.get(f"/v1/groups/{group['id']}")).body
    assert (seen["createdBy"], seen["role"]) == ("bob", "admin")
    fact = (await facts())[-1].fact
    assert isinstance(fact, MemberRoleChanged)
    assert set(fact.audience) == {"alice", "bob"}
    assert (fact.member.user_id, fact.role, fact.created_by) == ("bob", "admin", "bob")
    assert (fact.group.created_by, fact.group.version) == ("bob", 2)
    assert [(m.user_id, m.role) for m in fact.members] == [
        ("alice", "admin"),
        ("bob", "admin"),
        ("carol", "member"),
    ]


async def test_the_old_creator_is_an_admin_like_others(alice: Person, bob: Person) -> None:
    group = await a_group(alice, "bob")
    path = f"/v1/groups/{group['id']}"
    await alice.post(f"{path}/transfer", {"userId": "bob"})
    assert (await alice.post(f"{path}/transfer", {"userId": "alice"})).code == "not_the_creator"
    assert (await alice.delete(path)).code == "not_the_creator"
    assert (await alice.patch(path, {"name": "Still here"})).status == 200
    assert (await bob.delete(f"{path}/members/alice")).status == 200


async def test_a_group_is_handed_over_to_members_only(alice: Person, facts: Facts) -> None:
    group = await a_group(alice, "bob")
    answer = await alice.post(f"/v1/groups/{group['id']}/transfer", {"userId": "zoe"})
    assert answer.status == 422
    assert answer.bad_fields == ["userId"]
    assert len(await facts()) == 1


async def test_handing_over_to_oneself_changes_nothing(alice: Person, facts: Facts) -> None:
    group = await a_group(alice, "bob")
    answer = await alice.post(f"/v1/groups/{group['id']}/transfer", {"userId": "alice"})
    assert (answer.status, answer.body) == (200, group)
    assert len(await facts()) == 1
