"""Deleting a group."""

import asyncpg

from shared.events.groups import GroupDeleted
from shared.postgres.pool import OwnConnection
from tests.fixtures.people import Person
from tests.integration.groups.conftest import Facts
from tests.integration.groups.helpers import a_group


async def test_every_member_is_told(alice: Person, facts: Facts) -> None:
    group = await a_group(alice, "bob", "carol")
    answer = await alice.delete(f"/v1/groups/{group['id']}")
    assert (answer.status, list(answer.body)) == (200, ["message"])
    fact = (await facts())[-1].fact
    assert isinstance(fact, GroupDeleted)
    assert fact.audience == ("alice", "bob", "carol")
    assert (fact.actor.user_id, fact.group.version) == ("alice", 2)


async def test_a_deleted_group_is_gone_for_everybody(
    alice: Person, bob: Person, facts: Facts
) -> None:
    group = await a_group(alice, "bob")
    path = f"/v1/groups/{group['id']}"
    await alice.delete(path)
    for person in (alice, bob):
        answers = [
            await person.get(path),
            await person.get(f"{path}/members"),
            await person.patch(path, {"name": "Back"}),
            await person.delete(path),
            await person.post(f"{path}/members", {"memberIds": ["carol"]}),
            await person.delete(f"{path}/members/bob"),
            await person.patch(f"{path}/members/bob/role", {"role": "admin"}),
            await person.post(f"{path}/leave"),
            await person.post(f"{path}/transfer", {"userId": "bob"}),
        ]
        assert {(answer.status, answer.code) for answer in answers} == {(404, "group_not_found")}
        listed = (await person.get("/v1/groups")).body
        assert (listed["groups"], listed["pagination"]["total"]) == ([], 0)
    assert len(await facts()) == 2


async def test_a_deleted_group_is_kept(alice: Person, bob: Person, database: OwnConnection) -> None:
    group = await a_group(alice, "bob")
    await alice.delete(f"/v1/groups/{group['id']}")
    row: asyncpg.Record | None = await database.fetchrow("SELECT * FROM groups")
    assert row is not None
    assert (str(row["id"]), row["is_deleted"]) == (group["id"], True)
