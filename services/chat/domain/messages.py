"""Messages: what may be sent, and what was."""

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

from shared.events.chat import MessageType

MAX_CONTENT = 5000
MAX_METADATA_BYTES = 8 * 1024
MAX_METADATA_DEPTH = 32


@dataclass(frozen=True, slots=True)
class Draft:
    """A message as its sender wrote it, within all limits. `metadata` is compact JSON."""

    content: str
    type: MessageType = "text"
    metadata: str | None = None
    client_message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message in its group's history. `total` counts the members at the time without the sender;
    `delivered` and `read` count how many of them have it. `ordinal` counts the messages up to it
    that can be unread; `fingerprint` is what a deleted one with a client id was."""

    id: UUID
    group_id: UUID
    seq: int
    ordinal: int
    sender_id: str
    sender_name: str
    type: MessageType
    content: str
    metadata: str | None
    client_message_id: str | None
    is_deleted: bool
    created_at: datetime
    total: int
    delivered: int = 0
    read: int = 0
    fingerprint: bytes | None = None

    @property
    def metadata_object(self) -> dict[str, Any] | None:
        return None if self.metadata is None else json.loads(self.metadata)

    def is_answer_to(self, draft: Draft) -> bool:
        """Whether sending `draft` once could have made this message."""
        if self.is_deleted:
            if self.fingerprint is None:
                # Deleted before fingerprints were kept: only the type is left to compare.
                return self.type == draft.type
            return self.fingerprint == fingerprint(self.id, draft)
        return (
            self.type == draft.type
            and self.content == draft.content
            and _same_json(self.metadata, draft.metadata)
        )


def fingerprint(message_id: UUID, body: Draft | Message) -> bytes:
    """What tells `body` from others when it is gone. Keyed by the message's id: no table of known
    hashes gives back what was deleted, and equal messages have nothing in common."""
    metadata = None if body.metadata is None else json.loads(body.metadata)
    text = json.dumps([body.type, body.content, metadata], sort_keys=True)
    return blake2b(text.encode(), key=message_id.bytes, digest_size=16).digest()


def compact(metadata: dict[str, Any]) -> str:
    """`metadata` as compact JSON, keys in their order. Raises ValueError with what it must be."""
    _check_inside(metadata, 1)
    text = json.dumps(metadata, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    if len(text.encode()) > MAX_METADATA_BYTES:
        raise ValueError(f"must have at most {MAX_METADATA_BYTES} bytes as compact JSON")
    return text


def _check_inside(value: object, depth: int) -> None:
    """Whatever is accepted here, every reader of the facts must be able to decode and store."""
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("must not contain the character NUL")
        return
    if not isinstance(value, dict | list):
        return
    if depth > MAX_METADATA_DEPTH:
        raise ValueError(f"must have at most {MAX_METADATA_DEPTH} levels")
    if isinstance(value, dict):
        for key in value:
            _check_inside(key, depth)
    for inner in value.values() if isinstance(value, dict) else value:
        _check_inside(inner, depth + 1)


def _same_json(one: str | None, other: str | None) -> bool:
    """The same values, in whatever order an object's keys were sent."""
    if one is None or other is None:
        return one is other
    return one == other or _sorted(one) == _sorted(other)


def _sorted(text: str) -> str:
    return json.dumps(json.loads(text), sort_keys=True)
