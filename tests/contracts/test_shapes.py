"""The shapes that clients rely on: problems and notifications, wherever they come from."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from services.notifier.api.notifications import shown
from services.notifier.storage.entries import StoredEntry
from services.notifier.streams import frames
from services.notifier.streams.feed import body_of
from shared.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, Refusal, Unavailable
from shared.ids import uuid7
from shared.web.problems import problem, refused

ENTRY = StoredEntry(
    seq=42,
    is_read=True,
    is_delivered=False,
    event_id=uuid7(),
    type="message.new",
    title="Alice in Climbing",
    message="Hello",
    data='{"groupId":"g","seq":7,"metadata":{"a":[1.5,null]}}',
    position=None,
    created_at=datetime(2026, 11, 23, 23, 40, 1, 123999, tzinfo=UTC),
)
NOTIFICATION: Mapping[str, type] = {
    "id": str,
    "type": str,
    "title": str,
    "message": str,
    "data": dict,
    "isRead": bool,
    "isDelivered": bool,
    "createdAt": str,
    "eventId": str,
}


def test_a_notification_has_one_shape_in_inbox_stream_and_poll() -> None:
    listed = shown(ENTRY)
    streamed = json.loads(frames.notification_json(42, True, False, body_of(ENTRY)))
    assert listed == streamed
    assert {name: type(value) for name, value in listed.items()} == NOTIFICATION
    assert listed["createdAt"] == "2026-11-23T23:40:01.123Z"
    assert listed["id"] == "42"


@pytest.mark.parametrize("refusal", [Invalid, NotFound, Forbidden, Conflict, Unavailable])
def test_a_problem_has_the_members_that_rfc_9457_names_and_a_code(refusal: type[Refusal]) -> None:
    answer = refused(refusal("Why."))
    assert answer.content_type == "application/problem+json"
    assert isinstance(answer.body, bytes)
    body = json.loads(answer.body)
    assert set(body) == {"type", "title", "status", "detail", "code"}
    assert body["status"] == answer.status
    assert body["code"] == refusal.code
    assert body["code"].islower()


def test_a_problem_with_bad_fields_names_each() -> None:
    answer = problem(422, "invalid", "Why.", [FieldError("settings.maxMembers", "is too large")])
    assert isinstance(answer.body, bytes)
    assert json.loads(answer.body)["errors"] == [
        {"field": "settings.maxMembers", "message": "is too large"}
    ]
