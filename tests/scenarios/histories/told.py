"""What a notification tells, without what can't be foretold."""

from typing import NamedTuple

from tests.scenarios.people import Json

RECEIPTS = ("message.delivered", "message.read")

# By type: the fields of `data` that say what it is about, and the one that says whose doing it is.
_FIELDS = {
    "message.new": (("messageId", "seq", "messageType", "clientMessageId"), "senderId"),
    "message.deleted": (("messageId", "seq"), "deletedBy"),
    "group.invite": (("groupType",), "invitedBy"),
    "group.member_removed": (("userId",), "removedBy"),
    "group.member_left": (("userId",), "userId"),
    "group.role_updated": (("userId", "role", "createdBy"), "changedBy"),
    "group.updated": (("changes",), "updatedBy"),
    "group.deleted": ((), "deletedBy"),
}


class Told(NamedTuple):
    type: str
    group_id: str
    about: str
    by: str


def about(*values: object) -> str:
    return " ".join(str(value) for value in values)


def told_by(notification: Json) -> Told:
    """What this notification tells; not for receipts."""
    data = notification["data"]
    fields, by = _FIELDS[notification["type"]]
    what = about(*(data.get(name) for name in fields))
    return Told(notification["type"], data["groupId"], what, data[by])


def is_born_read(notification: Json, owner: str) -> bool:
    return notification["type"] in RECEIPTS or told_by(notification).by == owner


def read_pairs(entry: Json) -> list[tuple[str, str]]:
    """(message, reader) for each message that a receipt says has been read."""
    if entry["type"] != "message.read":
        return []
    return [(id_, entry["data"]["readerId"]) for id_ in entry["data"]["messageIds"]]
