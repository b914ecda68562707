"""Lists of groups and of members."""

from tests.fixtures.people import Person
from tests.integration.groups.helpers import a_dm, a_group, make_admin


async def test_my_groups_come_newest_first_in_pages(alice: Person) -> None:
    made = [(await a_group(alice, name=f"Group {number}"))["id"] for number in range(5)]
    first = (await alice.get("/v1/groups?limit=2")).body
    second = (await alice.get("/v1/groups?page=2&limit=2")).body
    third = (await alice.get("/v1/groups?page=3&limit=2")).body
    seen = [group["id"] for page in (first, second, third) for group in page["groups"]]
    assert seen == made[::-1]
    assert first["pagination"] == {"page": 1, "limit": 2, "total": 5, "pages": 3}


async def test_a_change_does_not_shuffle_the_pages(alice: Person) -> None:
    older = await a_group(alice)
    newer = await a_group(alice)
    await alice.patch(f"/v1/groups/{older['id']}", {"name": "Changed"})
    pages = [(await alice.get(f"/v1/groups?limit=1&page={page}")).body for page in (1, 2)]
    assert [page["groups"][0]["id"] for page in pages] == [newer["id"], older["id"]]


async def test_a_list_shows_each_group_as_its_address_does(alice: Person, bob: Person) -> None:
    await a_group(alice, "bob", "carol")
    await a_dm(bob, "dave")
    for group in (await bob.get("/v1/groups")).body["groups"]:
        assert (await bob.get(f"/v1/groups/{group['id']}")).body == group


async def test_others_groups_are_not_listed(alice: Person, bob: Person) -> None:
    await a_group(alice)
    answer = await bob.get("/v1/groups")
    assert answer.status == 200
    assert answer.body == {
        "groups": [],
        "pagination": {"page": 1, "limit": 20, "total": 0, "pages": 0},
    }


async def test_a_page_past_the_end_is_empty(alice: Person) -> None:
    group = await a_group(alice)
    for path, things in (
        ("/v1/groups", "groups"),
        (f"/v1/groups/{group['id']}/members", "members"),
    ):
        answer = await alice.get(f"{path}?page=999999999999999999&limit=100")
        assert answer.status == 200
        assert answer.body[things] == []
        assert answer.body["pagination"]["total"] == 1


async def test_members_come_in_the_order_they_joined(alice: Person, bob: Person) -> None:
    await bob.get("/v1/groups")
    group = await a_group(alice, "zoe", "bob")
    path = f"/v1/groups/{group['id']}/members"
    await alice.post(path, {"memberIds": ["carol"]})
    await alice.post(path, {"memberIds": ["adam"]})
    first = (await alice.get(f"{path}?limit=3")).body
    second = (await alice.get(f"{path}?limit=3&page=2")).body
    seen = first["members"] + second["members"]
    assert [member["userId"] for member in seen] == ["alice", "bob", "zoe", "carol", "adam"]
    assert [member["name"] for member in seen] == ["Alice", "Bob", "zoe", "carol", "adam"]
    assert [member["role"] for member in seen] == ["admin", *["member"] * 4]
    assert first["pagination"] == {"page": 1, "limit": 3, "total": 5, "pages": 2}
    assert seen[0]["joinedAt"] == group["createdAt"]
    assert set(seen[0]) == {"userId", "name", "role", "joinedAt"}


async def test_a_role_is_seen_by_everyone(alice: Person, bob: Person, carol: Person) -> None:
    group = await a_group(alice, "bob", "carol")
    await make_admin(alice, group["id"], "bob")
    assert (await bob.get(f"/v1/groups/{group['id']}")).body["role"] == "admin"
    members = (await carol.get(f"/v1/groups/{group['id']}/members")).body["members"]
    assert {m["userId"]: m["role"] for m in members} == {
        "alice": "admin",
        "bob": "admin",
        "carol": "member",
    }


async def test_bad_pages_are_named_all_at_once(alice: Person) -> None:
    group = await a_group(alice)
    for path in ("/v1/groups", f"/v1/groups/{group['id']}/members"):
        for page, limit in (("0", "101"), ("x", "0"), ("-1", "1.5"), ("", " 5")):
            answer = await alice.get(f"{path}?page={page}&limit={limit}")
            assert answer.status == 422
            assert answer.bad_fields == ["page", "limit"]
