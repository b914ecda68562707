"""What is left of a notification that speaks of somebody who was erased. Pure: no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json, to_json

from shared.erasures.book import NAME

MAX_TITLE = 200
MAX_MESSAGE = 500
# Fields of `data` that hold a user id, and the one with that person's name, where there is one.
_PEOPLE: Mapping[str, str | None] = {
    "senderId": "senderName",
    "readerId": "readerName",
    "invitedBy": "inviterName",
    "userId": "userName",
    "deletedBy": None,
    "removedBy": None,
    "changedBy": None,
    "createdBy": None,
    "updatedBy": None,
}
# Who else is named can't be told from `data`: said in general.
_SAID: Mapping[str, str] = {
    "message.read": f"{NAME} read your message",
    "message.deleted": "A message was deleted",
    "group.invite": "You were added to {place}",
    "group.member_removed": "Somebody was removed from {place}",
    "group.member_left": f"{NAME} left {{place}}",
    "group.role_updated": "A role changed in {place}",
    "group.updated": "{place} was changed",
    "group.deleted": "{place} was deleted",
}


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a notification; `data` is compact JSON."""

    type: str
    title: str
    message: str
    data: bytes


def people_in(data: str | bytes) -> set[str]:
    """Everybody whom the data names by id."""
    said: dict[str, Any] = from_json(data)
    named = {said[field] for field in _PEOPLE if isinstance(said.get(field), str)}
    return named | set(said.get("deliveredTo") or ())


def without(words: Words, pseudonyms: Mapping[str, str]) -> Words:
    """The words as they are once these people are nobody."""
    data: dict[str, Any] = from_json(words.data)
    gone = {field for field in _PEOPLE if data.get(field) in pseudonyms}
    for field in gone:
        data[field] = pseudonyms[data[field]]
        name = _PEOPLE[field]
        if name is not None and name in data:
            data[name] = NAME
    if data.get("deliveredTo"):
        data["deliveredTo"] = [pseudonyms.get(one, one) for one in data["deliveredTo"]]
    for receipt in data.get("receipts") or ():
        receipt["userId"] = pseudonyms.get(receipt["userId"], receipt["userId"])
    title, message = words.title, words.message
    if "senderId" in gone:
        data |= {"content": "", "metadata": None, "clientMessageId": None, "isDeleted": True}
        place = data.get("groupName")
        title, message = (NAME if place is None else f"{NAME} in {place}"), ""
    elif gone:
        if data.get("groupName") is None and words.type == "group.invite":
            title = NAME
        said = _SAID.get(words.type, "{place}")
        message = said.format(place=data.get("groupName") or "your conversation")
    return Words(words.type, title[:MAX_TITLE], message[:MAX_MESSAGE], to_json(data))
