"""Groups to begin a test with."""

from typing import Any

from tests.fixtures.people import Person


async def a_group(creator: Person, *member_ids: str, **fields: object) -> Any:
    """A group of `creator` with these members, as the API shows it to the creator."""
    body = {"name": "Climbing", "memberIds": list(member_ids), **fields}
    answer = await creator.post("/v1/groups", body)
    assert answer.status == 201, answer
    return answer.body


async def a_dm(one: Person, other_id: str) -> Any:
    answer = await one.post("/v1/groups/dm", {"recipientId": other_id})
    assert answer.status == 201, answer
    return answer.body


async def make_admin(creator: Person, group_id: str, user_id: str) -> None:
    path = f"/v1/groups/{group_id}/members/{user_id}/role"
    answer = await creator.patch(path, {"role": "admin"})
    assert answer.status == 200, answer


async def member_ids(person: Person, group_id: str) -> list[str]:
    """The first hundred members, as `person` sees them."""
    answer = await person.get(f"/v1/groups/{group_id}/members?limit=100")
    assert answer.status == 200, answer
    return [member["userId"] for member in answer.body["members"]]
