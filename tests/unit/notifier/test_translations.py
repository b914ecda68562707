"""Facts → notices: the rows of the contract's table, in its words."""

import json
from typing import Any
from uuid import UUID

import pytest

from services.notifier.domain import MessagePosition, Notice
from services.notifier.inbox.translations import translate
from shared.events import chat
from shared.events.envelope import new_event
from shared.events.fact import Fact, GroupRef
from shared.events.notifier import Delivery, NotificationDelivered
from shared.ids import uuid7
from tests import builders
from tests.builders import a_dm, a_group, a_message, a_message_sent, a_person

GROUP = a_group(name="Climbing")
DM = a_dm()
IDS = tuple(uuid7() for _ in range(3))


def told(fact: Fact) -> Notice:
    notice = translate(new_event(fact))
    assert notice is not None
    return notice


def data_of(fact: Fact, group: GroupRef = GROUP) -> Any:
    """What is told besides the group, after checking that the group is."""
    data = json.loads(told(fact).data)
    assert data.pop("groupId") == str(group.id)
    assert data.pop("groupName") == group.name
    return data


def words(fact: Fact) -> tuple[str, str, str]:
    notice = told(fact)
    return notice.type, notice.title, notice.message


def test_a_message_says_who_wrote_what_and_where() -> None:
    message = a_message(7, "Hello", metadata={"a": [1]}, client_message_id="c-1")
    fact = a_message_sent(GROUP, message=message, to=("bob", "carol"))
    assert words(fact) == ("message.new", "Alice in Climbing", "Hello")
    assert data_of(fact) == {
        "messageId": str(message.id),
        "seq": 7,
        "senderId": "alice",
        "senderName": "Alice",
        "content": "Hello",
        "messageType": "text",
        "metadata": {"a": [1]},
        "clientMessageId": "c-1",
    }
    notice = told(fact)
    assert notice.audience == ("bob", "carol")
    assert notice.message_id == message.id
    assert notice.position == MessagePosition(GROUP.id, 7)


def test_in_a_dm_the_sender_is_the_title() -> None:
    assert words(a_message_sent(DM)) == ("message.new", "Alice", "Hello")
    data_of(a_message_sent(DM), DM)


@pytest.mark.parametrize(
    ("content", "type_", "preview"),
    [
        ("x" * 50, "text", "x" * 50),
        ("x" * 51, "text", "x" * 50),
        ("😀" * 51, "text", "😀" * 50),
        ("a\0b", "text", "ab"),
        ("", "image", "Sent an image"),
        ("", "file", "Sent a file"),
        ("look", "image", "look"),
    ],
)
def test_the_preview_is_the_first_fifty_characters(
    content: str, type_: chat.MessageType, preview: str
) -> None:
    assert told(a_message_sent(message=a_message(1, content, type_))).message == preview


def test_titles_and_messages_fit_their_limits() -> None:
    group = a_group(name="g" * 100)
    fact = a_message_sent(group).model_copy(update={"actor": a_person("alice", "n" * 100)})
    assert len(told(fact).title) == 200
    updated = builders.a_group_updated(changes=["x" * 300, "y" * 300])
    assert len(told(updated).message) == 500


RECEIPT = {
    "messageIds": [str(id_) for id_ in IDS],
    "upToSeq": 9,
    "total": 3,
}


def delivered(**fields: Any) -> chat.MessageDelivered:
    return builders.a_message_delivered(GROUP).model_copy(
        update={"message_ids": IDS, "up_to_seq": 9, "total": 3, **fields}
    )


def read(**fields: Any) -> chat.MessageRead:
    return builders.a_message_read(GROUP).model_copy(
        update={"message_ids": IDS, "up_to_seq": 9, "total": 3, **fields}
    )


def test_an_individual_delivery_receipt_names_those_reached() -> None:
    fact = delivered(delivered_to=("bob",), receipts=(chat.UpTo(user_id="bob", up_to_seq=9),))
    assert words(fact)[:2] == ("message.delivered", "Climbing")
    assert data_of(fact) == RECEIPT | {
        "deliveredTo": ["bob"],
        "receipts": [{"userId": "bob", "upToSeq": 9}],
    }


def test_an_aggregate_delivery_receipt_counts_and_names_nobody() -> None:
    fact = delivered(delivered_to=None, receipts=None, delivered_count=2)
    assert data_of(fact) == RECEIPT | {"deliveredCount": 2}


def test_an_individual_read_receipt_names_the_reader() -> None:
    assert words(read()) == ("message.read", "Climbing", "Bob read your message")
    assert data_of(read()) == RECEIPT | {"readerId": "bob", "readerName": "Bob"}


def test_an_aggregate_read_receipt_counts_and_names_nobody() -> None:
    fact = read(reader=None, read_count=2)
    assert words(fact)[2] == "Your message was read"
    assert data_of(fact) == RECEIPT | {"readCount": 2}


def test_a_deleted_message_is_told_without_its_content() -> None:
    sent = a_message_sent(GROUP, seq=4, content="a secret")
    fact = builders.a_message_deleted(sent, by="carol")
    assert words(fact) == ("message.deleted", "Climbing", "Carol deleted a message")
    assert data_of(fact) == {"messageId": str(sent.message.id), "seq": 4, "deletedBy": "carol"}
    assert told(fact).message_id == sent.message.id
    assert told(fact).position is None


INVITED = {"invitedBy": "alice", "inviterName": "Alice"}


def test_an_invitation_says_who_invited_and_where() -> None:
    for fact in (builders.a_group_created(GROUP), builders.a_member_added(GROUP)):
        assert words(fact) == ("group.invite", "Climbing", "Alice added you to Climbing")
        assert data_of(fact) == INVITED | {"groupType": "group"}


def test_a_new_dm_says_who_wants_to_chat() -> None:
    fact = builders.a_group_created(DM)
    assert words(fact) == ("group.invite", "Alice", "Alice wants to chat with you")
    assert data_of(fact, DM) == INVITED | {"groupType": "dm"}


def test_a_removal_says_who_was_removed_by_whom() -> None:
    fact = builders.a_member_removed(GROUP)
    assert words(fact) == ("group.member_removed", "Climbing", "Alice removed Bob from Climbing")
    assert data_of(fact) == {"userId": "bob", "userName": "Bob", "removedBy": "alice"}


def test_a_departure_says_who_left() -> None:
    fact = builders.a_member_left(GROUP)
    assert words(fact) == ("group.member_left", "Climbing", "Bob left Climbing")
    assert data_of(fact) == {"userId": "bob", "userName": "Bob"}


def test_a_change_of_role_says_which() -> None:
    fact = builders.a_role_changed(GROUP, role="admin")
    assert words(fact) == ("group.role_updated", "Climbing", "Alice made Bob an admin of Climbing")
    assert data_of(fact) == {"userId": "bob", "role": "admin", "changedBy": "alice"}
    demoted = builders.a_role_changed(GROUP, role="member")
    assert words(demoted)[2] == "Alice made Bob a member of Climbing"


def test_a_handover_says_who_has_the_group_now() -> None:
    fact = builders.a_role_changed(GROUP, created_by="bob")
    assert words(fact)[2] == "Alice handed Climbing over to Bob"
    assert data_of(fact)["createdBy"] == "bob"


def test_an_update_names_the_fields() -> None:
    fact = builders.a_group_updated(GROUP, changes=["name", "settings"])
    assert words(fact) == ("group.updated", "Climbing", "Alice changed name, settings")
    assert data_of(fact) == {"changes": ["name", "settings"], "updatedBy": "alice"}


def test_a_deleted_group_says_who_deleted_it() -> None:
    fact = builders.a_group_deleted(GROUP)
    assert words(fact) == ("group.deleted", "Climbing", "Alice deleted Climbing")
    assert data_of(fact) == {"deletedBy": "alice"}


def test_what_concerns_nobody_is_not_told() -> None:
    assert translate(new_event(a_message_sent(to=()))) is None
    delivery = Delivery(user_id="bob", group_id=UUID(int=1), up_to_seq=1)
    assert translate(new_event(NotificationDelivered(deliveries=(delivery,)))) is None


def test_somebody_named_twice_is_told_once() -> None:
    assert told(a_message_sent(to=("bob", "carol", "bob"))).audience == ("bob", "carol")


@pytest.mark.parametrize(
    "fact",
    [
        builders.a_group_updated(),
        builders.a_group_deleted(),
        builders.a_member_removed(),
        builders.a_member_left(who="alice"),
        builders.a_message_deleted(),
    ],
)
def test_what_one_did_oneself_is_born_read(fact: Fact) -> None:
    assert told(fact).is_born_read_by("alice")
    assert not told(fact).is_born_read_by("bob")


def test_receipts_are_born_read_and_messages_are_not() -> None:
    assert told(delivered()).is_born_read_by("alice")
    assert told(read()).is_born_read_by("alice")
    assert not told(a_message_sent()).is_born_read_by("bob")
