"""Messages and conversations as the API shows them."""

from services.chat.api.shapes import Conversation, Message
from services.chat.domain import conversations, groups, messages
from shared.events.fact import Role
from shared.web.json import timestamp
from shared.web.shapes import Group


def message_json(message: messages.Message) -> Message:
    return {
        "id": message.id,
        "groupId": message.group_id,
        "seq": message.seq,
        "senderId": message.sender_id,
        "senderName": message.sender_name,
        "type": message.type,
        "content": message.content,
        "metadata": message.metadata_object,
        "clientMessageId": message.client_message_id,
        "isDeleted": message.is_deleted,
        "createdAt": timestamp(message.created_at),
        "status": {
            "total": message.total,
            "delivered": message.delivered,
            "read": message.read,
        },
    }


def conversation_json(conversation: conversations.Conversation) -> Conversation:
    last = conversation.last_message
    return {
        "group": _group_json(conversation.group, conversation.group_name, conversation.role),
        "lastMessage": None if last is None else message_json(last),
        "unreadCount": conversation.unread_count,
        "lastReadSeq": conversation.last_read_seq,
    }


def _group_json(group: groups.Group, name: str, role: Role) -> Group:
    return {
        "id": group.id,
        "type": group.type,
        "name": name,
        "description": group.description,
        "avatar": group.avatar,
        "createdBy": group.created_by,
        "settings": {
            "onlyAdminsCanMessage": group.only_admins_can_message,
            "onlyAdminsCanEditInfo": group.only_admins_can_edit_info,
            "maxMembers": group.max_members,
        },
        "memberCount": group.member_count,
        "role": role,
        "receipts": group.receipts,
        "createdAt": timestamp(group.created_at),
        "updatedAt": timestamp(group.updated_at),
    }
