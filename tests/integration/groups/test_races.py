"""Several people at once."""

import asyncio
from collections.abc import Callable

from shared.postgres.pool import OwnConnection
from tests.fixtures.people import Person
from tests.integration.groups.conftest import Facts
from tests.integration.groups.helpers import a_group, make_admin, member_ids


async def test_two_people_racing_get_one_dm(
    person: Callable[..., Person], facts: Facts, database: OwnConnection
) -> None:
    for number in range(10):
        one, other = person(f"one-{number}"), person(f"other-{number}")
        answers = await asyncio.gather(
            one.post("/v1/groups/dm", {"recipientId": other.id}),
            other.post("/v1/groups/dm", {"recipientId": one.id}),
            one.post("/v1/groups/dm", {"recipientId": other.id}),
            other.post("/v1/groups/dm", {"recipientId": one.id}),
        )
        assert sorted(answer.status for answer in answers) == [200, 200, 200, 201]
        assert len({answer.body["id"] for answer in answers}) == 1
        assert [answer.body["name"] for answer in answers] == [other.id, one.id] * 2
    assert await database.fetchval("SELECT count(*) FROM groups") == 10
    assert len(await facts()) == 10


async def test_adding_at_once_never_overfills_a_group(alice: Person, facts: Facts) -> None:
    group = await a_group(alice, settings={"maxMembers": 6})
    path = f"/v1/groups/{group['id']}/members"
    answers = await asyncio.gather(
        *(alice.post(path, {"memberIds": [f"a-{n}", f"b-{n}"]}) for n in range(8))
    )
    assert sorted(answer.status for answer in answers) == [200, 200, *[409] * 6]
    assert {answer.code for answer in answers if answer.status == 409} == {"group_full"}
    # Each call added all of its people or none.
    added = [user for answer in answers if answer.status == 200 for user in answer.body["added"]]
    assert set(await member_ids(alice, group["id"])) == {"alice", *added}
    assert len(await facts()) == 3


async def test_adding_the_same_person_at_once_tells_them_once(alice: Person, facts: Facts) -> None:
    group = await a_group(alice)
    path = f"/v1/groups/{group['id']}/members"
    answers = await asyncio.gather(*(alice.post(path, {"memberIds": ["bob"]}) for _ in range(5)))
    assert {answer.status for answer in answers} == {200}
    assert sum(len(answer.body["added"]) for answer in answers) == 1
    assert sum(len(answer.body["skipped"]) for answer in answers) == 4
    assert len(await facts()) == 2


async def test_a_limit_lowered_during_adding_still_holds(alice: Person) -> None:
    group = await a_group(alice, settings={"maxMembers": 10})
    path = f"/v1/groups/{group['id']}"
    edit, *adding = await asyncio.gather(
        alice.patch(path, {"settings": {"maxMembers": 4}}),
        *(alice.post(f"{path}/members", {"memberIds": [f"user-{n}"]}) for n in range(9)),
    )
    seen = (await alice.get(path)).body
    assert seen["memberCount"] == 1 + sum(answer.status == 200 for answer in adding)
    assert seen["memberCount"] <= seen["settings"]["maxMembers"]
    assert edit.status in (200, 409)


async def test_the_creator_is_never_lost_between_transfer_and_leaving(
    alice: Person, bob: Person
) -> None:
    for _ in range(5):
        group = await a_group(alice, "bob")
        path = f"/v1/groups/{group['id']}"
        await asyncio.gather(
            alice.post(f"{path}/transfer", {"userId": "bob"}), bob.post(f"{path}/leave")
        )
        members = await member_ids(alice, group["id"])
        assert (await alice.get(path)).body["createdBy"] in members


async def test_every_change_has_its_own_version_and_facts_come_in_their_order(
    alice: Person, bob: Person, facts: Facts
) -> None:
    group = await a_group(alice, "bob")
    await make_admin(alice, group["id"], "bob")
    path = f"/v1/groups/{group['id']}"
    await asyncio.gather(
        *(alice.patch(path, {"name": f"Name {n}"}) for n in range(8)),
        *(bob.post(f"{path}/members", {"memberIds": [f"user-{n}"]}) for n in range(8)),
        *(bob.patch(path, {"description": f"Description {n}"}) for n in range(8)),
    )
    versions = [getattr(event.fact, "group").version for event in await facts()]  # noqa: B009
    assert versions == list(range(1, 27))


async def test_each_fact_tells_the_whole_state_as_of_its_version(
    alice: Person, facts: Facts
) -> None:
    group = await a_group(alice)
    path = f"/v1/groups/{group['id']}/members"
    await asyncio.gather(*(alice.post(path, {"memberIds": [f"user-{n}"]}) for n in range(10)))
    rosters = [getattr(event.fact, "members") for event in await facts()]  # noqa: B009
    assert [len(roster) for roster in rosters] == list(range(1, 12))
    times = [getattr(event.fact, "group").updated_at for event in await facts()]  # noqa: B009
    assert times == sorted(times)
