"""Sending, as rules: who may, what comes next, and what the sender's own watermarks pass over."""

from dataclasses import dataclass
from datetime import UTC, datetime

from services.chat.domain.groups import Group
from services.chat.domain.messages import Draft, Message
from services.chat.domain.receipts import Move
from services.chat.errors import OnlyAdminsPost
from shared.events.fact import Role
from shared.ids import uuid7


@dataclass(slots=True)
class Sender:
    """A present member about to send, with their watermarks; locked, and moved by sending."""

    user_id: str
    role: Role
    name: str | None
    delivered_seq: int
    read_seq: int
    read_ordinal: int

    def overtakes(self, group: Group) -> list[Move]:
        """What the watermarks are about to pass over: others' messages count as read from now on,
        and their senders are told the same as `/status` says."""
        if self.read_ordinal == group.last_ordinal:
            return []
        whose = self.user_id if group.receipts == "individual" else None
        moves = [Move(group.id, "read", whose, self.read_seq, group.last_seq)]
        if self.delivered_seq < group.last_seq:
            moves.append(Move(group.id, "delivered", whose, self.delivered_seq, group.last_seq))
        return moves


def next_message(
    group: Group, sender: Sender, name_on_token: str | None, draft: Draft, audience: int
) -> Message:
    """The group's next message: takes its `seq`, counts it, and moves the sender past it.

    `audience` is how many others there are. Raises OnlyAdminsPost.
    """
    if group.only_admins_can_message and sender.role != "admin":
        raise OnlyAdminsPost(group.id)
    message = Message(
        id=uuid7(),
        group_id=group.id,
        seq=group.last_seq + 1,
        ordinal=group.last_ordinal + 1,
        sender_id=sender.user_id,
        sender_name=name_on_token or sender.name or sender.user_id,
        type=draft.type,
        content=draft.content,
        metadata=draft.metadata,
        client_message_id=draft.client_message_id,
        is_deleted=False,
        created_at=datetime.now(UTC),
        total=audience,
    )
    group.last_seq, group.last_ordinal = message.seq, message.ordinal
    group.last_message_id, group.last_activity_at = message.id, message.created_at
    sender.delivered_seq = sender.read_seq = message.seq
    sender.read_ordinal = message.ordinal
    return message
