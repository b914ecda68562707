"""Adding people to a group."""

from shared.events.groups import MemberAdded
from tests.fixtures.people import Person
from tests.integration.groups.conftest import Facts
from tests.integration.groups.helpers import a_group, make_admin, member_ids


async def test_the_answer_names_those_added_and_those_skipped(alice: Person) -> None:
    group = await a_group(alice, "bob")
    ids = ["dave", "bob", "carol", "dave", "alice"]
    answer = await alice.post(f"/v1/groups/{group['id']}/members", {"memberIds": ids})
    assert answer.status == 200
    assert answer.body["added"] == ["dave", "carol"]
    assert answer.body["skipped"] == ["bob"]
    assert answer.body["group"]["memberCount"] == 4
    assert answer.body["group"] == (await alice.get(f"/v1/groups/{group['id']}")).body


async def test_those_added_are_in_at_once(alice: Person, bob: Person) -> None:
    group = await a_group(alice)
    path = f"/v1/groups/{group['id']}"
    assert (await bob.get(path)).status == 404
    await alice.post(f"{path}/members", {"memberIds": ["bob"]})
    assert (await bob.get(path)).body["role"] == "member"


async def test_only_those_added_are_told(alice: Person, bob: Person, facts: Facts) -> None:
    group = await a_group(alice, "bob")
    await make_admin(alice, group["id"], "bob")
    await bob.post(f"/v1/groups/{group['id']}/members", {"memberIds": ["dave", "bob", "carol"]})
    fact = (await facts())[-1].fact
    assert isinstance(fact, MemberAdded)
    assert fact.audience == ("dave", "carol")
    assert [person.user_id for person in fact.added] == ["dave", "carol"]
    assert (fact.actor.user_id, fact.actor.name) == ("bob", "Bob")
    assert [m.user_id for m in fact.members] == ["alice", "bob", "carol", "dave"]
    assert fact.group.version == 3


async def test_adding_only_those_who_are_in_changes_nothing(alice: Person, facts: Facts) -> None:
    group = await a_group(alice, "bob")
    for ids in (["bob"], ["alice"], ["bob", "alice", "bob"]):
        answer = await alice.post(f"/v1/groups/{group['id']}/members", {"memberIds": ids})
        assert answer.status == 200
        assert answer.body["added"] == []
        assert answer.body["skipped"] == [user for user in ["bob"] if user in ids]
        assert answer.body["group"] == group
    assert len(await facts()) == 1


async def test_all_fit_or_none_is_added(alice: Person, facts: Facts) -> None:
    group = await a_group(alice, "bob", settings={"maxMembers": 3})
    path = f"/v1/groups/{group['id']}/members"
    full = await alice.post(path, {"memberIds": ["carol", "dave"]})
    assert (full.status, full.code) == (409, "group_full")
    assert await member_ids(alice, group["id"]) == ["alice", "bob"]
    assert len(await facts()) == 1
    fits = await alice.post(path, {"memberIds": ["bob", "carol"]})
    assert (fits.status, fits.body["added"]) == (200, ["carol"])


async def test_a_full_group_still_skips_those_who_are_in(alice: Person) -> None:
    group = await a_group(alice, "bob", settings={"maxMembers": 2})
    answer = await alice.post(f"/v1/groups/{group['id']}/members", {"memberIds": ["bob"]})
    assert (answer.status, answer.body["skipped"]) == (200, ["bob"])


async def test_somebody_removed_can_be_added_again(alice: Person, bob: Person) -> None:
    group = await a_group(alice, "bob", "carol")
    path = f"/v1/groups/{group['id']}/members"
    await alice.delete(f"{path}/bob")
    assert (await alice.post(path, {"memberIds": ["bob"]})).body["added"] == ["bob"]
    assert await member_ids(bob, group["id"]) == ["alice", "carol", "bob"]
