"""Leaving a group, and being removed from it."""

from collections.abc import Callable
from urllib.parse import quote

import pytest

from shared.events.groups import MemberLeft, MemberRemoved
from tests.fixtures.people import Person
from tests.integration.groups.conftest import Facts
from tests.integration.groups.helpers import a_group, make_admin, member_ids


async def test_an_admin_removes_somebody(
    alice: Person, bob: Person, carol: Person, facts: Facts
) -> None:
    await bob.get("/v1/groups")
    group = await a_group(alice, "bob", "carol")
    answer = await alice.delete(f"/v1/groups/{group['id']}/members/bob")
    assert (answer.status, list(answer.body)) == (200, ["message"])
    assert (await bob.get(f"/v1/groups/{group['id']}")).code == "group_not_found"
    assert (await bob.get("/v1/groups")).body["pagination"]["total"] == 0
    assert await member_ids(carol, group["id"]) == ["alice", "carol"]
    fact = (await facts())[-1].fact
    assert isinstance(fact, MemberRemoved)
    assert (fact.actor.user_id, fact.removed.user_id, fact.removed.name) == ("alice", "bob", "Bob")
    assert set(fact.audience) == {"alice", "bob", "carol"}
    assert [m.user_id for m in fact.members] == ["alice", "carol"]
    assert fact.group.version == 2


@pytest.mark.parametrize("leave", [("POST", "/leave"), ("DELETE", "/members/bob")])
async def test_a_member_leaves(
    leave: tuple[str, str], alice: Person, bob: Person, facts: Facts
) -> None:
    group = await a_group(alice, "bob", "carol")
    method, path = leave
    answer = await bob.call(method, f"/v1/groups/{group['id']}{path}")
    assert (answer.status, list(answer.body)) == (200, ["message"])
    assert (await bob.get(f"/v1/groups/{group['id']}/members")).status == 404
    assert await member_ids(alice, group["id"]) == ["alice", "carol"]
    fact = (await facts())[-1].fact
    assert isinstance(fact, MemberLeft)
    assert (fact.actor.user_id, fact.actor.name) == ("bob", "Bob")
    assert set(fact.audience) == {"alice", "bob", "carol"}
    assert [m.user_id for m in fact.members] == ["alice", "carol"]


@pytest.mark.parametrize("leave", [("POST", "/leave"), ("DELETE", "/members/alice")])
async def test_the_creator_must_hand_over_before_leaving(
    leave: tuple[str, str], alice: Person, facts: Facts
) -> None:
    group = await a_group(alice, "bob")
    method, path = leave
    refused = await alice.call(method, f"/v1/groups/{group['id']}{path}")
    assert (refused.status, refused.code) == (409, "creator_must_transfer")
    assert "/transfer" in refused.body["detail"]
    assert len(await facts()) == 1
    await alice.post(f"/v1/groups/{group['id']}/transfer", {"userId": "bob"})
    assert (await alice.call(method, f"/v1/groups/{group['id']}{path}")).status == 200


async def test_no_admin_can_remove_the_creator(alice: Person, bob: Person) -> None:
    group = await a_group(alice, "bob")
    await make_admin(alice, group["id"], "bob")
    answer = await bob.delete(f"/v1/groups/{group['id']}/members/alice")
    assert (answer.status, answer.code) == (409, "creator_protected")
    assert await member_ids(bob, group["id"]) == ["alice", "bob"]


async def test_admins_may_remove_other_admins(alice: Person, bob: Person) -> None:
    group = await a_group(alice, "bob", "carol")
    await make_admin(alice, group["id"], "bob")
    await make_admin(alice, group["id"], "carol")
    assert (await bob.delete(f"/v1/groups/{group['id']}/members/carol")).status == 200


@pytest.mark.parametrize("nobody", ["zoe", "a%2Cb", "%00", "%FF", "x" * 200, "%C3%A9"])
async def test_who_is_not_in_can_not_be_removed(nobody: str, alice: Person) -> None:
    group = await a_group(alice, "bob")
    answer = await alice.delete(f"/v1/groups/{group['id']}/members/{nobody}")
    assert (answer.status, answer.code) == (404, "member_not_found")


async def test_leaving_twice_finds_no_group(alice: Person, bob: Person) -> None:
    group = await a_group(alice, "bob")
    assert (await bob.post(f"/v1/groups/{group['id']}/leave")).status == 200
    assert (await bob.post(f"/v1/groups/{group['id']}/leave")).code == "group_not_found"


@pytest.mark.parametrize(
    "user_id", ["a/b", "!#$%&'()*+-.", "/:;<=>?@[\\]^_`{|}~", "%2F", "auth0|5f7c", "me@example.com"]
)
async def test_any_well_formed_id_can_be_managed(
    user_id: str, alice: Person, person: Callable[..., Person]
) -> None:
    group = await a_group(alice, user_id)
    path = f"/v1/groups/{group['id']}/members/{quote(user_id, safe='')}"
    changed = await alice.patch(f"{path}/role", {"role": "admin"})
    assert (changed.status, changed.body["userId"]) == (200, user_id)
    assert (await person(user_id).get("/v1/groups")).body["groups"][0]["role"] == "admin"
    assert (await alice.delete(path)).status == 200
    assert await member_ids(alice, group["id"]) == ["alice"]
