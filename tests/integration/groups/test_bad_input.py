"""What must not come in."""

import gzip
import json
from typing import Any

import pytest

from shared.postgres.pool import OwnConnection
from tests.fixtures.people import Person
from tests.integration.groups.helpers import a_group

LONG_URL = "https://example.com/" + "a" * 2029

# Body of a creation, and the fields that must be named as bad: all of them at once.
BAD_GROUPS: list[tuple[object, list[str]]] = [
    ({}, ["name"]),
    ({"name": None}, ["name"]),
    ({"name": 5}, ["name"]),
    ({"name": ""}, ["name"]),
    ({"name": " \t "}, ["name"]),
    ({"name": "\u200b\u200d"}, ["name"]),
    ({"name": "x" * 101}, ["name"]),
    ({"name": "a\nb"}, ["name"]),
    ({"name": "a\0b"}, ["name"]),
    ({"name": "a\x7fb"}, ["name"]),
    ({"name": "a\u2028b"}, ["name"]),
    ({"name": ["a"]}, ["name"]),
    ({"name": "ok", "description": None}, ["description"]),
    ({"name": "ok", "description": "x" * 501}, ["description"]),
    ({"name": "ok", "description": "a\0b"}, ["description"]),
    ({"name": "ok", "avatar": ""}, ["avatar"]),
    ({"name": "ok", "avatar": "example.com/a.png"}, ["avatar"]),
    ({"name": "ok", "avatar": "javascript:alert(1)"}, ["avatar"]),
    ({"name": "ok", "avatar": "data:image/png;base64,AA"}, ["avatar"]),
    ({"name": "ok", "avatar": "ftp://example.com/a.png"}, ["avatar"]),
    ({"name": "ok", "avatar": "https://"}, ["avatar"]),
    ({"name": "ok", "avatar": "https:///a.png"}, ["avatar"]),
    ({"name": "ok", "avatar": "https://exa mple.com"}, ["avatar"]),
    ({"name": "ok", "avatar": "https://example.com/\0"}, ["avatar"]),
    ({"name": "ok", "avatar": "https://example.com:99999/"}, ["avatar"]),
    ({"name": "ok", "avatar": LONG_URL}, ["avatar"]),
    ({"name": "ok", "memberIds": None}, ["memberIds"]),
    ({"name": "ok", "memberIds": "bob"}, ["memberIds"]),
    ({"name": "ok", "memberIds": ["bob", "", 5, None, "é", "a,b", "a b", "x" * 129]},
     [f"memberIds.{n}" for n in range(1, 8)]),
    ({"name": "ok", "memberIds": ["bob"] * 1025}, ["memberIds"]),
    ({"name": "ok", "settings": None}, ["settings"]),
    ({"name": "ok", "settings": []}, ["settings"]),
    ({"name": "ok", "settings": {"maxMembers": 1}}, ["settings.maxMembers"]),
    ({"name": "ok", "settings": {"maxMembers": 1025}}, ["settings.maxMembers"]),
    ({"name": "ok", "settings": {"maxMembers": "256"}}, ["settings.maxMembers"]),
    ({"name": "ok", "settings": {"maxMembers": True}}, ["settings.maxMembers"]),
    ({"name": "ok", "settings": {"maxMembers": 25.5}}, ["settings.maxMembers"]),
    ({"name": "ok", "settings": {"maxMembers": None}}, ["settings.maxMembers"]),
    ({"name": "ok", "settings": {"onlyAdminsCanMessage": "true"}},
     ["settings.onlyAdminsCanMessage"]),
    ({"name": "ok", "settings": {"onlyAdminsCanEditInfo": 1}}, ["settings.onlyAdminsCanEditInfo"]),
    ({"name": "ok", "settings": {"color": "red"}}, ["settings.color"]),
    ({"name": "ok", "colour": "red"}, ["colour"]),
    ({"name": "ok", "member_ids": []}, ["member_ids"]),
    ({"name": "", "description": 1, "avatar": "x", "memberIds": [","],
      "settings": {"maxMembers": 0}, "x": 1},
     ["name", "description", "avatar", "memberIds.0", "settings.maxMembers", "x"]),
]  # fmt: skip


async def test_every_bad_field_of_a_new_group_is_named(
    alice: Person, subtests: pytest.Subtests
) -> None:
    for body, fields in BAD_GROUPS:
        with subtests.test(str(body)[:80]):
            answer = await alice.post("/v1/groups", body)
            assert answer.status == 422, answer
            assert answer.bad_fields == fields
            assert all(error["message"] for error in answer.body["errors"])
            assert (await alice.get("/v1/groups")).body["groups"] == []


async def test_what_just_fits_is_kept_as_sent(alice: Person) -> None:
    body = {
        "name": "👩‍👩‍👧" + "x" * 95,
        "description": " é\n\t\u2028" + "🙂" * 495,
        "avatar": "HTTPS://example.com/" + "a" * 2028,
        "memberIds": ["!", "~" * 128],
        "settings": {"maxMembers": 1024, "onlyAdminsCanEditInfo": False},
    }
    answer = await alice.post("/v1/groups", body)
    assert answer.status == 201, answer
    assert {field: answer.body[field] for field in ("name", "description", "avatar")} == {
        field: body[field] for field in ("name", "description", "avatar")
    }


BAD_EDITS: list[tuple[object, list[str]]] = [
    ({}, ["body"]),
    ({"settings": {}}, ["body"]),
    ({"name": None}, ["name"]),
    ({"name": " "}, ["name"]),
    ({"description": None}, ["description"]),
    ({"avatar": "no"}, ["avatar"]),
    ({"settings": None}, ["settings"]),
    ({"settings": {"maxMembers": None}}, ["settings.maxMembers"]),
    ({"memberIds": ["bob"]}, ["memberIds"]),
    ({"type": "dm"}, ["type"]),
    (
        {"name": "", "avatar": 5, "settings": {"maxMembers": 0}},
        ["name", "avatar", "settings.maxMembers"],
    ),
]


async def test_every_bad_field_of_an_edit_is_named(
    alice: Person, subtests: pytest.Subtests
) -> None:
    for body, fields in BAD_EDITS:
        with subtests.test(str(body)[:80]):
            group = await a_group(alice)
            answer = await alice.patch(f"/v1/groups/{group['id']}", body)
            assert answer.status == 422
            assert answer.bad_fields == fields
            assert (await alice.get(f"/v1/groups/{group['id']}")).body == group


OTHER_BODIES: list[tuple[str, str, object, list[str]]] = [
    ("POST", "/v1/groups/dm", {}, ["recipientId"]),
    ("POST", "/v1/groups/dm", {"recipientId": None}, ["recipientId"]),
    ("POST", "/v1/groups/dm", {"recipientId": "a,b"}, ["recipientId"]),
    ("POST", "/v1/groups/dm", {"recipientId": 5, "name": "x"}, ["recipientId", "name"]),
    ("POST", "/v1/groups/{id}/members", {}, ["memberIds"]),
    ("POST", "/v1/groups/{id}/members", {"memberIds": []}, ["memberIds"]),
    ("POST", "/v1/groups/{id}/members", {"memberIds": ["ok", "a b"]}, ["memberIds.1"]),
    ("POST", "/v1/groups/{id}/members", {"memberIds": ["x"] * 1025}, ["memberIds"]),
    ("POST", "/v1/groups/{id}/transfer", {}, ["userId"]),
    ("POST", "/v1/groups/{id}/transfer", {"userId": ""}, ["userId"]),
    ("PATCH", "/v1/groups/{id}/members/bob/role", {}, ["role"]),
    ("PATCH", "/v1/groups/{id}/members/bob/role", {"role": "creator"}, ["role"]),
    ("PATCH", "/v1/groups/{id}/members/bob/role", {"role": None}, ["role"]),
]


async def test_every_bad_field_of_other_calls_is_named(
    alice: Person, subtests: pytest.Subtests
) -> None:
    for method, path, body, fields in OTHER_BODIES:
        with subtests.test(f"{method} {path} {str(body)[:80]}"):
            group = await a_group(alice, "bob")
            answer = await alice.call(method, path.format(id=group["id"]), json=body)
            assert answer.status == 422
            assert answer.bad_fields == fields


UNREADABLE: list[tuple[bytes, dict[str, str], int]] = [
    (b"", {}, 400),
    (b"{", {}, 400),
    (b"[]", {}, 400),
    (b"null", {}, 400),
    (b'{"name": "a", "name": "b"}', {}, 400),
    (b'{"name": "\\ud800"}', {}, 400),
    (b'{"name": "\xff"}', {}, 400),
    (b'{"name": "a", "settings": {"maxMembers": NaN}}', {}, 400),
    (b'{"name": "a", "settings": {"maxMembers": 1e400}}', {}, 400),
    (b'{"name": "a", "settings": {"maxMembers": 99999999999999999999}}', {}, 400),
    (b'{"name": ' + b"[" * 5000 + b"]" * 5000 + b"}", {}, 400),
    (json.dumps({"name": "a"}).encode("utf-16"), {}, 400),
    (b'{"name": "' + b"a" * 70_000 + b'"}', {}, 413),
    (b'{"name": "a"}', {"Content-Type": "text/plain"}, 415),
    (gzip.compress(b'{"name": "a"}', mtime=0), {"Content-Encoding": "gzip"}, 415),
]


async def test_what_is_no_json_object_is_refused(alice: Person, subtests: pytest.Subtests) -> None:
    for raw, more, status in UNREADABLE:
        with subtests.test(str(raw[:80])):
            headers = {"Content-Type": "application/json", **more}
            group = await a_group(alice)
            for method, path in (("POST", "/v1/groups"), ("PATCH", f"/v1/groups/{group['id']}")):
                answer = await alice.call(method, path, data=raw, headers=headers)
                assert answer.status == status, answer
                assert answer.headers["Content-Type"].startswith("application/problem+json")


HOSTILE: list[Any] = [
    None, True, 0, -1, 2**53, 1.5, "", "\0", "\x1b[31m", "\u202e", "'; DROP TABLE groups; --",
    "%s", "x" * 5000, [], [None], {}, {"a": {"b": [{}]}}, ["\0"], {"\0": 1},
]  # fmt: skip


async def test_nothing_that_comes_in_breaks_the_service(
    alice: Person, database: OwnConnection, subtests: pytest.Subtests
) -> None:
    for value in HOSTILE:
        with subtests.test(repr(value)[:80]):
            group = await a_group(alice, "bob")
            path = f"/v1/groups/{group['id']}"
            for field in ("name", "description", "avatar", "memberIds", "settings"):
                assert (await alice.post("/v1/groups", {"name": "a", field: value})).status < 500
                assert (await alice.patch(path, {field: value})).status < 500
            assert (await alice.post("/v1/groups/dm", {"recipientId": value})).status < 500
            assert (await alice.post(f"{path}/members", {"memberIds": [value]})).status < 500
            assert (await alice.post(f"{path}/transfer", {"userId": value})).status < 500
            assert (await alice.patch(f"{path}/members/bob/role", {"role": value})).status < 500
            assert await database.fetchval("SELECT true FROM groups WHERE id = $1", group["id"])
