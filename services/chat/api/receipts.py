"""Receipts: marking as read, and who has a message."""

from aiohttp import web

from services.chat.actions import look_up
from services.chat.actions.mark_read import mark_read
from services.chat.api.context import (
    GROUP_COPY,
    MESSAGE_ID,
    MOVED,
    OUTBOX,
    caller,
    message_id,
)
from services.chat.api.shapes import ReadUpTo, Status
from services.chat.errors import GroupsAway, MessageNotFound
from shared.web.app import DATABASE
from shared.web.contract import operation
from shared.web.json import json_response


@operation({200: ReadUpTo}, parameters=[MESSAGE_ID], refusals=[MessageNotFound, GroupsAway])
async def read(request: web.Request) -> web.Response:
    """Mark a message as read, and all before it in its group."""
    app, message, user = request.app, message_id(request), caller(request)
    result = await app[GROUP_COPY].consulted(
        user, lambda: mark_read(app[OUTBOX], app[MOVED], message, user)
    )
    answer: ReadUpTo = {"groupId": result.group_id, "readSeq": result.read_seq}
    return json_response(answer)


@operation({200: Status}, parameters=[MESSAGE_ID], refusals=[MessageNotFound, GroupsAway])
async def status(request: web.Request) -> web.Response:
    """Tell who has a message, and who has read it."""
    app, message, user = request.app, message_id(request), caller(request)
    total, reached = await app[GROUP_COPY].consulted(
        user, lambda: look_up.reached(app[DATABASE], message, user)
    )
    delivered_to = [person.user_id for person in reached]
    read_by = [person.user_id for person in reached if person.has_read]
    answer: Status = {
        "total": total,
        "delivered": len(delivered_to),
        "read": len(read_by),
        "deliveredTo": delivered_to,
        "readBy": read_by,
    }
    return json_response(answer)
