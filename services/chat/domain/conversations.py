"""A group as it stands in one member's list."""

from dataclasses import dataclass

from services.chat.domain.groups import Group
from services.chat.domain.messages import Message
from shared.events.fact import Role


@dataclass(frozen=True, slots=True)
class Conversation:
    """`group_name` is what this member sees: in a dm the other's display name."""

    group: Group
    group_name: str
    role: Role
    unread_count: int
    last_read_seq: int
    last_message: Message | None
