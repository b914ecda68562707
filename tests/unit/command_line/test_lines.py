"""What a terminal shows of an event, and what it never obeys."""

from datetime import UTC, datetime
from typing import Any

import pytest
from circles_client import Notification, Reset, State, StateChange

from command_line.inbox import line
from command_line.lines import line_of
from command_line.screen import harmless


def told(type_: str, **data: Any) -> Notification:
    return Notification(
        id="7",
        type=type_,
        title="A title",
        message="A message",
        data={"groupId": "g", "groupName": "Lunch", **data},
        is_read=False,
        is_delivered=False,
        created_at=datetime(2026, 11, 23, 12, 40, 1, tzinfo=UTC),
        event_id="e",
        cursor="e1-7",
    )


@pytest.mark.parametrize(
    ("notification", "shown"),
    [
        (
            told("message.new", senderName="Alice", content="Soup?", messageType="text"),
            "Alice  Lunch  Soup?",
        ),
        (
            told("message.new", senderName="Alice", content="", messageType="image"),
            "Alice  Lunch  [image] ",
        ),
        (told("message.new", senderName="Alice", content="", isDeleted=True), "(deleted)"),
        (told("message.new", senderName="Bo", content="x", groupName=None), "Bo  direct  "),
        (told("message.delivered", deliveredTo=["bob", "eve"]), "✓✓ delivered to bob, eve  Lunch"),
        (told("message.delivered", deliveredCount=7, total=150), "✓✓ delivered to 7 of 150"),
        (told("message.read", readerName="Bob", readerId="b"), "✓✓ read by Bob  Lunch"),
        (told("message.read", readCount=9, total=150), "✓✓ read by 9 of 150"),
        (told("group.invite"), "A title  A message  group.invite"),
    ],
)
def test_an_event_reads_as_who_where_and_what(notification: Notification, shown: str) -> None:
    assert shown in line_of(notification).plain


def test_nobody_writes_on_anothers_terminal() -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\x9b31m\r\n\u202eback\u2028\x00"
    for notification in (
        told("message.new", senderName=evil, content=evil, groupName=evil),
        told("message.delivered", deliveredTo=[evil]),
        told("message.read", readerName=evil),
    ):
        shown = line_of(notification).plain
        assert not set(shown) & set("\x1b\x07\x9b\r\n\u202e\u2028\x00")
    assert harmless("[red]a\nb") == "[red]a ⏎ b"


def test_changes_of_state_say_why_and_how_long() -> None:
    waiting = StateChange(State.WAITING, "the stream was closed", 3.2)
    assert line_of(waiting).plain == "· away, back in 3 s (the stream was closed)"
    streaming = StateChange(State.STREAMING, unread=2)
    assert line_of(streaming).plain == "· live, 2 unread in the inbox"
    assert line_of(StateChange(State.CONNECTING)).plain == "· connecting"


def test_a_reset_says_where_the_rest_is() -> None:
    assert "circles inbox" in line_of(Reset("expired", "e1-9", 4, "/v1/notifications")).plain


def test_an_entry_of_the_inbox_says_whether_it_is_read() -> None:
    entry: Any = {
        "id": "7",
        "type": "message.new",
        "title": "Alice in Lunch",
        "message": "Soup?",
        "isRead": False,
        "createdAt": "2026-11-23T12:40:01.000Z",
    }
    assert line(entry).split() == [
        *("●", "7", "2026-11-23", "12:40", "message.new", "Alice", "in", "Lunch", "Soup?")
    ]
    entry["isRead"] = True
    assert "●" not in line(entry)
