"""Receipts: marking as read, and who has a message."""

from aiohttp import web

from services.chat.actions import look_up
from services.chat.actions.mark_read import mark_read
from services.chat.api.context import GROUP_COPY, MOVED, OUTBOX, caller, message_id
from shared.web.app import DATABASE
from shared.web.json import json_response


async def read(request: web.Request) -> web.Response:
    app, message, user = request.app, message_id(request), caller(request)
    result = await app[GROUP_COPY].consulted(
        user, lambda: mark_read(app[OUTBOX], app[MOVED], message, user)
    )
    return json_response({"groupId": result.group_id, "readSeq": result.read_seq})


async def status(request: web.Request) -> web.Response:
    app, message, user = request.app, message_id(request), caller(request)
    total, reached = await app[GROUP_COPY].consulted(
        user, lambda: look_up.reached(app[DATABASE], message, user)
    )
    delivered_to = [person.user_id for person in reached]
    read_by = [person.user_id for person in reached if person.has_read]
    return json_response(
        {
            "total": total,
            "delivered": len(delivered_to),
            "read": len(read_by),
            "deliveredTo": delivered_to,
            "readBy": read_by,
        }
    )
