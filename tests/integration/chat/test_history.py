"""Reading the history and single messages."""

import pytest

from tests.integration.chat.conftest import Member, World


async def test_pages_run_from_the_newest_each_oldest_first(alice: Member, bob: Member) -> None:
    group = await alice.creates_group(bob)
    for number in range(2, 8):
        await alice.sends(group, f"m{number}")
    answer = await bob.get(f"/v1/groups/{group}/messages?limit=3")
    assert [m["seq"] for m in answer.body["messages"]] == [5, 6, 7]
    assert answer.body["pagination"] == {"page": 1, "limit": 3, "total": 7, "pages": 3}
    answer = await bob.get(f"/v1/groups/{group}/messages?limit=3&page=3")
    assert [m["seq"] for m in answer.body["messages"]] == [1]
    answer = await bob.get(f"/v1/groups/{group}/messages?limit=3&page=4")
    assert answer.body["messages"] == []
    assert answer.body["pagination"]["total"] == 7
    answer = await bob.get(f"/v1/groups/{group}/messages?page=999999999999999999&limit=100")
    assert (answer.status, answer.body["messages"]) == (200, [])


@pytest.mark.parametrize(
    ("query", "seqs", "has_more"),
    [
        ("before=6&limit=2", [4, 5], True),
        ("before=3&limit=2", [1, 2], False),
        ("before=1", [], False),
        ("before=1000000&limit=2", [6, 7], True),
        ("before=9007199254740992&limit=100", [1, 2, 3, 4, 5, 6, 7], False),
        ("after=0&limit=2", [1, 2], True),
        ("after=5&limit=2", [6, 7], False),
        ("after=5", [6, 7], False),
        ("after=7", [], False),
        ("after=9007199254740992", [], False),
    ],
)
async def test_a_client_goes_on_from_a_position_in_either_direction(
    alice: Member, bob: Member, query: str, seqs: list[int], has_more: bool
) -> None:
    group = await alice.creates_group(bob)
    for number in range(2, 8):
        await alice.sends(group, f"m{number}")
    answer = await bob.get(f"/v1/groups/{group}/messages?{query}")
    assert answer.status == 200
    assert [m["seq"] for m in answer.body["messages"]] == seqs
    assert answer.body["hasMore"] is has_more
    assert set(answer.body) == {"messages", "hasMore"}


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("before=2&after=1", ["after"]),
        ("before=2&page=1", ["page"]),
        ("after=2&page=1", ["page"]),
        ("before=0", ["before"]),
        ("after=-1", ["after"]),
        ("before=x&limit=0", ["before", "limit"]),
        ("after=9007199254740993", ["after"]),
        ("page=0&limit=101", ["page", "limit"]),
        ("limit=٣", ["limit"]),
    ],
)
async def test_a_query_that_makes_no_sense_is_told_where(
    alice: Member, query: str, fields: list[str]
) -> None:
    group = await alice.creates_group("bob")
    answer = await alice.get(f"/v1/groups/{group}/messages?{query}")
    assert (answer.status, answer.bad_fields) == (422, fields)


async def test_who_joins_later_sees_the_whole_history(
    alice: Member, bob: Member, carol: Member
) -> None:
    group = await alice.creates_group(bob)
    message = await alice.sends(group, "before carol")
    # From here on chat knows her name.
    await carol.get("/v1/conversations")
    await alice.adds(group, carol)
    assert [m["content"] for m in await carol.history(group)] == [
        "Alice created the group",
        "before carol",
        "Alice added Carol",
    ]
    answer = await carol.get(f"/v1/messages/{message['id']}")
    assert (answer.status, answer.body) == (200, message)


async def test_strangers_see_nothing_not_even_that_it_exists(
    alice: Member, bob: Member, carol: Member
) -> None:
    group = await alice.creates_group(bob)
    message = await alice.sends(group)
    for answer in (
        await carol.get(f"/v1/groups/{group}/messages"),
        await carol.try_to_send(group),
        await carol.get("/v1/groups/019ab0f4-0000-7000-8000-000000000000/messages"),
        await carol.get("/v1/groups/nonsense/messages"),
        await carol.post("/v1/groups/nonsense/messages", {"content": "x"}),
    ):
        assert (answer.status, answer.code) == (404, "group_not_found")
    for path in (message["id"], "019ab0f4-0000-7000-8000-000000000000", "nonsense", "%00"):
        for answer in (
            await carol.get(f"/v1/messages/{path}"),
            await carol.get(f"/v1/messages/{path}/status"),
            await carol.post(f"/v1/messages/{path}/read"),
            await carol.delete(f"/v1/messages/{path}"),
        ):
            assert (answer.status, answer.code) == (404, "message_not_found")


async def test_after_the_group_is_deleted_nothing_is_left_to_see(
    world: World, alice: Member, bob: Member
) -> None:
    group = await alice.creates_group(bob)
    message = await alice.sends(group)
    await alice.groups.delete(f"/v1/groups/{group}")
    await world.handled()
    for answer in (
        await alice.get(f"/v1/groups/{group}/messages"),
        await alice.try_to_send(group),
        await bob.get(f"/v1/messages/{message['id']}"),
        await bob.get(f"/v1/messages/{message['id']}/status"),
        await bob.post(f"/v1/messages/{message['id']}/read"),
        await alice.delete(f"/v1/messages/{message['id']}"),
    ):
        assert answer.status == 404
    assert (await alice.get("/v1/conversations")).body["conversations"] == []
