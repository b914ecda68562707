"""What clients get wrong: told precisely, and nothing changes."""

import json
from typing import Any

import pytest

from shared.events.chat import MessageSent
from tests.integration.chat.conftest import Facts, Member

DEEP: Any = "x"
for _ in range(40):
    DEEP = {"a": DEEP}


async def posted(facts: Facts) -> int:
    """How many messages of people were recorded."""
    return len([f for f in await facts.of(MessageSent) if f.message.type != "system"])


BAD: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["content"]),
    ({"content": ""}, ["content"]),
    ({"content": " \t\n\u200b\u00a0\u2060\u3164"}, ["content"]),
    ({"content": "a\0b"}, ["content"]),
    ({"content": "x" * 5001}, ["content"]),
    ({"content": 5}, ["content"]),
    ({"content": None}, ["content"]),
    ({"content": "x", "type": "system"}, ["type"]),
    ({"content": "", "type": "image\n"}, ["type"]),
    ({"content": "a\0", "type": "file"}, ["content"]),
    ({"content": "x", "metadata": []}, ["metadata"]),
    ({"content": "x", "metadata": {"a": "x" * 8200}}, ["metadata"]),
    ({"content": "x", "metadata": {"a": "\0"}}, ["metadata"]),
    ({"content": "x", "metadata": {"a\0": 1}}, ["metadata"]),
    ({"content": "x", "metadata": {"a": [{"b": ["\0"]}]}}, ["metadata"]),
    ({"content": "x", "metadata": DEEP}, ["metadata"]),
    ({"content": "x", "clientMessageId": ""}, ["clientMessageId"]),
    ({"content": "x", "clientMessageId": "x" * 65}, ["clientMessageId"]),
    ({"content": "x", "clientMessageId": "a b"}, ["clientMessageId"]),
    ({"content": "x", "clientMessageId": "é"}, ["clientMessageId"]),
    ({"content": "x", "clientMessageId": "a\n"}, ["clientMessageId"]),
    ({"content": "x", "clientMessageId": 7}, ["clientMessageId"]),
    ({"content": "x", "senderId": "bob"}, ["senderId"]),
    ({"content": 1, "type": "x", "metadata": 1, "y": 1}, ["type", "content", "metadata", "y"]),
]


async def test_a_bad_message_is_refused_with_every_bad_field(
    alice: Member, facts: Facts, subtests: pytest.Subtests
) -> None:
    for body, fields in BAD:
        with subtests.test(str(body)[:80]):
            group = await alice.creates_group("bob")
            answer = await alice.post(f"/v1/groups/{group}/messages", body)
            assert (answer.status, answer.bad_fields) == (422, fields), answer.body
            assert await posted(facts) == 0


WITHIN_THE_LIMITS: list[dict[str, Any]] = [
    {"content": "x" * 5000},
    {"content": "🏔" * 5000},
    {"content": "\u200bé\u200b"},
    {"content": "", "type": "image"},
    {"content": " ", "type": "file"},
    {"content": "x", "metadata": {}},
    {"content": "x", "metadata": {"a": "x" * 8184}},
    {"content": "x", "metadata": {"": {"😀": [1e300, -0.5, 2**53, ""]}}},
    {"content": "x", "metadata": None, "clientMessageId": None},
    {"content": "x", "clientMessageId": "!" * 64},
]


async def test_whatever_is_within_the_limits_is_kept_as_sent(
    alice: Member, facts: Facts, subtests: pytest.Subtests
) -> None:
    for body in WITHIN_THE_LIMITS:
        with subtests.test(str(body)[:80]):
            group = await alice.creates_group("bob")
            answer = await alice.post(f"/v1/groups/{group}/messages", body)
            assert answer.status == 201, answer.body
            message = (await alice.history(group))[-1]
            expected = {"metadata": None, "clientMessageId": None, **body}
            assert {key: message[key] for key in expected} == expected
            fact = (await facts.of(MessageSent))[-1].message
            assert (fact.content, fact.metadata) == (expected["content"], expected["metadata"])


UNREADABLE: list[tuple[bytes, int, str]] = [
    (b"", 400, "unreadable"),
    (b"{", 400, "unreadable"),
    (b"[]", 400, "unreadable"),
    (b'{"content": "a", "content": "b"}', 400, "unreadable"),
    (b'{"content": "\\ud800"}', 400, "unreadable"),
    (b'{"content": "x", "metadata": {"a": NaN}}', 400, "unreadable"),
    (b'{"content": "x", "metadata": {"a": 1e999}}', 400, "unreadable"),
    (b'{"content": "x", "metadata": {"a": 1, "a": 2}}', 400, "unreadable"),
    (b'{"content": "\xff"}', 400, "unreadable"),
    (b'{"content": "x", "metadata": ' + b'{"a":' * 300 + b"1" + b"}" * 301, 400, "unreadable"),
    (json.dumps({"content": "x" * 70_000}).encode(), 413, "payload_too_large"),
]


async def test_an_unreadable_body_is_refused(
    alice: Member, facts: Facts, subtests: pytest.Subtests
) -> None:
    for raw, status, code in UNREADABLE:
        with subtests.test(str(raw[:80])):
            group = await alice.creates_group("bob")
            answer = await alice.call(
                "POST",
                f"/v1/groups/{group}/messages",
                data=raw,
                headers={"Content-Type": "application/json"},
            )
            assert (answer.status, answer.code) == (status, code)
            assert await posted(facts) == 0


async def test_wrong_methods_types_and_tokens_are_told_apart(alice: Member) -> None:
    group = await alice.creates_group("bob")
    path = f"/v1/groups/{group}/messages"
    answer = await alice.call("PUT", path)
    assert (answer.status, answer.code) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET,HEAD,POST"
    answer = await alice.call("POST", path, data=b"{}", headers={"Content-Type": "text/plain"})
    assert (answer.status, answer.code) == (415, "unsupported_media_type")
    answer = await alice.call("GET", path, headers={"Authorization": "Bearer nonsense"})
    assert (answer.status, answer.code) == (401, "token_invalid")
    for call in (("GET", "/v1/conversations"), ("POST", path), ("GET", "/v1/messages/x")):
        answer = await alice.call(*call, headers={"Authorization": ""})
        assert (answer.status, answer.code) == (401, "token_missing")
