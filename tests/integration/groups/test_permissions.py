"""Who may do what: every call by every kind of caller."""

from collections.abc import Callable
from itertools import product

import pytest

from tests.fixtures.people import Person
from tests.integration.groups.conftest import Client, Facts
from tests.integration.groups.helpers import a_group, make_admin

NOT_FOUND = (404, "group_not_found")
ADMINS = (403, "not_an_admin")
CREATOR = (403, "not_the_creator")
OK = (200, None)

# Method, path, body; then what the creator, an admin and a member get. Strangers get NOT_FOUND.
CALLS = [
    ("GET", "", None, OK, OK, OK),
    ("GET", "/members", None, OK, OK, OK),
    ("PATCH", "", {"name": "New"}, OK, OK, ADMINS),
    ("PATCH", "", {"settings": {"maxMembers": 9}}, OK, OK, ADMINS),
    ("POST", "/members", {"memberIds": ["dave"]}, OK, OK, ADMINS),
    ("POST", "/members", {"memberIds": ["member-2"]}, OK, OK, ADMINS),
    ("DELETE", "/members/member-2", None, OK, OK, ADMINS),
    ("DELETE", "/members/nobody", None, *[(404, "member_not_found")] * 2, ADMINS),
    (
        "DELETE",
        "/members/alice",
        None,
        (409, "creator_must_transfer"),
        (409, "creator_protected"),
        ADMINS,
    ),
    ("PATCH", "/members/member-2/role", {"role": "admin"}, OK, OK, ADMINS),
    ("PATCH", "/members/nobody/role", {"role": "admin"}, *[(404, "member_not_found")] * 2, ADMINS),
    ("PATCH", "/members/alice/role", {"role": "member"}, *[(409, "creator_protected")] * 2, ADMINS),
    ("POST", "/leave", None, (409, "creator_must_transfer"), OK, OK),
    ("POST", "/transfer", {"userId": "member-2"}, OK, CREATOR, CREATOR),
    ("POST", "/transfer", {"userId": "nobody"}, (422, "not_a_member"), CREATOR, CREATOR),
    ("DELETE", "", None, OK, CREATOR, CREATOR),
]


@pytest.mark.parametrize(("method", "path", "body", "creator", "admin", "member"), CALLS)
async def test_every_call_answers_every_kind_of_caller(
    method: str,
    path: str,
    body: object,
    creator: tuple[int, str | None],
    admin: tuple[int, str | None],
    member: tuple[int, str | None],
    person: Callable[..., Person],
    facts: Facts,
) -> None:
    alice = person("alice")
    expected = {"alice": creator, "admin-1": admin, "member-1": member, "zoe": NOT_FOUND}
    for user_id, (status, code) in expected.items():
        group = await a_group(alice, "admin-1", "member-1", "member-2")
        await make_admin(alice, group["id"], "admin-1")
        before = len(await facts())
        answer = await person(user_id).call(method, f"/v1/groups/{group['id']}{path}", json=body)
        assert (answer.status, answer.body.get("code")) == (status, code), user_id
        if status != 200:
            assert answer.headers["Content-Type"].startswith("application/problem+json")
            assert len(await facts()) == before, "a refusal leaves no fact"


NO_GROUPS = (
    *("01920000-0000-7000-8000-000000000000", "1", "not-an-id"),
    *("%00", "%FF%FE", "x" * 36, "🙂"),
)


async def test_what_is_no_group_is_not_found(alice: Person, subtests: pytest.Subtests) -> None:
    bodies = {(str(method), str(path)): body for method, path, body, *_ in CALLS}
    for (method, path), group_id in product(sorted(bodies), NO_GROUPS):
        with subtests.test(f"{method} {path} of {group_id}"):
            address = f"/v1/groups/{group_id}{path}"
            answer = await alice.call(method, address, json=bodies[method, path])
            assert (answer.status, answer.code) == NOT_FOUND


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "token_missing"),
        ({"Authorization": "Basic YTpi"}, "token_missing"),
        ({"Authorization": "Bearer nonsense"}, "token_invalid"),
    ],
)
async def test_without_a_token_there_is_nothing_to_see(
    headers: dict[str, str], code: str, client: Client
) -> None:
    for method, path in (("GET", "/v1/groups"), ("POST", "/v1/groups"), ("POST", "/v1/groups/dm")):
        async with client.request(method, path, headers=headers) as response:
            assert response.status == 401
            assert response.headers["WWW-Authenticate"] == "Bearer"
            assert (await response.json(content_type=None))["code"] == code


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/groups", {"GET", "HEAD", "POST"}),
        ("DELETE", "/v1/groups/dm", {"POST"}),
        ("PUT", "/v1/groups/dm", {"POST"}),
        ("GET", "/v1/groups/{id}/leave", {"POST"}),
        ("PUT", "/v1/groups/{id}", {"GET", "HEAD", "PATCH", "DELETE"}),
        ("POST", "/v1/groups/{id}/members/bob/role", {"PATCH"}),
    ],
)
async def test_other_methods_are_told_what_is_allowed(
    method: str, path: str, allowed: set[str], alice: Person
) -> None:
    group = await a_group(alice, "bob")
    answer = await alice.call(method, path.format(id=group["id"]))
    assert (answer.status, answer.code) == (405, "method_not_allowed")
    assert set(answer.headers["Allow"].replace(" ", "").split(",")) == allowed
