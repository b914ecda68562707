"""Who is told what: the rows of the contract's table, from the published fact to the inbox."""

from services.notifier.domain import NOTIFICATION_TYPES
from shared.events.fact import Fact
from tests import builders
from tests.builders import a_dm, a_group, a_message, a_message_sent
from tests.integration.notifier.conftest import Replica, Stored, Told

GROUP = a_group(name="Climbing")

TABLE: list[tuple[str, Fact, set[str]]] = [
    ("message.new", a_message_sent(GROUP, to=("bob", "carol")), {"bob", "carol"}),
    ("message.delivered", builders.a_message_delivered(GROUP), {"alice"}),
    ("message.read", builders.a_message_read(GROUP), {"alice"}),
    ("message.deleted", builders.a_message_deleted(), {"alice", "bob"}),
    ("group.invite", builders.a_group_created(GROUP, invited=("bob", "carol")), {"bob", "carol"}),
    ("group.invite", builders.a_group_created(a_dm()), {"bob"}),
    ("group.invite", builders.a_member_added(GROUP), {"carol"}),
    ("group.member_removed", builders.a_member_removed(GROUP), {"alice", "bob"}),
    ("group.member_left", builders.a_member_left(GROUP), {"alice", "bob"}),
    ("group.role_updated", builders.a_role_changed(GROUP), {"bob"}),
    ("group.updated", builders.a_group_updated(GROUP), {"alice", "bob"}),
    ("group.deleted", builders.a_group_deleted(GROUP), {"alice", "bob"}),
]


def test_every_type_is_in_the_table() -> None:
    assert {type_ for type_, _, _ in TABLE} == NOTIFICATION_TYPES


async def test_everybody_concerned_is_told_and_nobody_else(
    notifier: Replica, tell: Told, stored: Stored
) -> None:
    events = await tell(*(fact for _, fact, _ in TABLE))
    for name in ("alice", "bob", "carol"):
        expected = [
            (type_, str(event.id))
            for (type_, _, told), event in zip(TABLE, events, strict=True)
            if name in told
        ]
        await stored(name, len(expected))
        entries = reversed(await notifier.person(name).inbox())
        assert [(entry["type"], entry["eventId"]) for entry in entries] == expected


async def test_a_notification_has_what_a_client_needs_to_show_it(
    notifier: Replica, tell: Told, stored: Stored
) -> None:
    message = a_message(7, "x" * 60, metadata={"mentions": ["bob"]}, client_message_id="c-1")
    fact = a_message_sent(GROUP, message=message)
    [event] = await tell(fact)
    await stored("bob", 1)
    [shown] = await notifier.person("bob").inbox()
    assert shown.pop("createdAt").endswith("Z")
    assert shown == {
        "id": "1",
        "type": "message.new",
        "title": "Alice in Climbing",
        "message": "x" * 50,
        "data": {
            "groupId": str(GROUP.id),
            "groupName": "Climbing",
            "messageId": str(message.id),
            "seq": 7,
            "senderId": "alice",
            "senderName": "Alice",
            "content": "x" * 60,
            "messageType": "text",
            "metadata": {"mentions": ["bob"]},
            "clientMessageId": "c-1",
        },
        "isRead": False,
        "isDelivered": False,
        "eventId": str(event.id),
    }


async def test_whatever_chat_accepts_arrives_as_it_was_sent(notifier: Replica, tell: Told) -> None:
    contents = ["nul \0 inside", "😀" * 5000, "a\u2028b\r\n\r\ndata: c", '"\\', "\u202e\ufeff"]
    async with notifier.person("bob").listening() as live:
        await tell(*(a_message_sent(content=content) for content in contents))
        shown = await live.take(len(contents))
    assert [entry["data"]["content"] for entry in shown] == contents
    listed = await notifier.person("bob").inbox()
    assert [entry["data"]["content"] for entry in reversed(listed)] == contents
