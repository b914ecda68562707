"""Changing a group's info and settings."""

import pytest

from shared.events.groups import GroupUpdated
from tests.fixtures.people import Person
from tests.integration.groups.conftest import Facts
from tests.integration.groups.helpers import a_group, make_admin


async def test_what_is_not_named_stays(alice: Person) -> None:
    group = await a_group(
        alice, "bob", description="Thursdays", avatar="https://example.com/rope.png"
    )
    answer = await alice.patch(f"/v1/groups/{group['id']}", {"name": " Bouldering "})
    assert answer.status == 200
    assert answer.body == {
        **group,
        "name": "Bouldering",
        "updatedAt": answer.body["updatedAt"],
    }
    assert answer.body["updatedAt"] >= group["updatedAt"]
    assert (await alice.get(f"/v1/groups/{group['id']}")).body == answer.body


async def test_settings_are_merged_field_by_field(alice: Person) -> None:
    group = await a_group(alice, settings={"maxMembers": 50, "onlyAdminsCanEditInfo": False})
    path = f"/v1/groups/{group['id']}"
    answer = await alice.patch(path, {"settings": {"onlyAdminsCanMessage": True}})
    assert answer.body["settings"] == {
        "onlyAdminsCanMessage": True,
        "onlyAdminsCanEditInfo": False,
        "maxMembers": 50,
    }


async def test_avatar_and_description_can_be_taken_away(alice: Person) -> None:
    group = await a_group(alice, description="Old", avatar="https://example.com/rope.png")
    answer = await alice.patch(f"/v1/groups/{group['id']}", {"avatar": None, "description": ""})
    assert (answer.status, answer.body["avatar"], answer.body["description"]) == (200, None, "")


async def test_every_member_is_told_what_changed(alice: Person, facts: Facts) -> None:
    group = await a_group(alice, "bob", "carol")
    await alice.patch(
        f"/v1/groups/{group['id']}",
        {
            "name": "Bouldering",
            "description": "",
            "avatar": "http://example.com/a.png",
            "settings": {"maxMembers": 10},
        },
    )
    _, event = await facts()
    fact = event.fact
    assert isinstance(fact, GroupUpdated)
    assert fact.changes == ("name", "avatar", "settings")
    assert fact.audience == ("alice", "bob", "carol")
    assert fact.actor.user_id == "alice"
    assert (fact.group.name, fact.group.version) == ("Bouldering", 2)
    assert fact.group.settings.max_members == 10


@pytest.mark.parametrize(
    "same",
    [
        {"name": " Climbing"},
        {"description": ""},
        {"avatar": None},
        {"settings": {"maxMembers": 256, "onlyAdminsCanMessage": False}},
    ],
)
async def test_a_change_to_the_same_is_no_change(same: object, alice: Person, facts: Facts) -> None:
    group = await a_group(alice, "bob")
    answer = await alice.patch(f"/v1/groups/{group['id']}", same)
    assert answer.status == 200
    assert answer.body == group
    assert len(await facts()) == 1


async def test_members_may_edit_info_only_where_the_group_lets_them(
    alice: Person, bob: Person
) -> None:
    group = await a_group(alice, "bob")
    path = f"/v1/groups/{group['id']}"
    refused = await bob.patch(path, {"description": "Mine now"})
    assert (refused.status, refused.code) == (403, "not_an_admin")
    await alice.patch(path, {"settings": {"onlyAdminsCanEditInfo": False}})
    allowed = await bob.patch(path, {"description": "Ours"})
    assert (allowed.status, allowed.body["description"]) == (200, "Ours")


async def test_settings_are_for_admins_even_where_info_is_for_all(
    alice: Person, bob: Person
) -> None:
    group = await a_group(alice, "bob", settings={"onlyAdminsCanEditInfo": False})
    path = f"/v1/groups/{group['id']}"
    body = {"name": "Taken", "settings": {"onlyAdminsCanMessage": False}}
    answer = await bob.patch(path, body)
    assert (answer.status, answer.code) == (403, "not_an_admin")
    assert (await alice.get(path)).body["name"] == "Climbing"
    await make_admin(alice, group["id"], "bob")
    assert (await bob.patch(path, body)).status == 200


async def test_the_limit_can_not_go_below_the_present_size(alice: Person, facts: Facts) -> None:
    group = await a_group(alice, "bob", "carol")
    path = f"/v1/groups/{group['id']}"
    refused = await alice.patch(path, {"name": "Small", "settings": {"maxMembers": 2}})
    assert (refused.status, refused.code) == (409, "max_members_below_size")
    assert (await alice.get(path)).body == group
    assert len(await facts()) == 1
    exact = await alice.patch(path, {"settings": {"maxMembers": 3}})
    assert exact.body["settings"]["maxMembers"] == 3
