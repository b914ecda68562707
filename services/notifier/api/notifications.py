"""The inbox: /v1/notifications."""

import re

from aiohttp import web
from pydantic_core import from_json

from services.notifier.actions import reads
from services.notifier.domain import NOTIFICATION_TYPES
from services.notifier.errors import NotificationNotFound
from services.notifier.storage import entries, mailboxes
from services.notifier.storage.entries import StoredEntry
from shared.web.app import DATABASE
from shared.web.identity import CALLER
from shared.web.json import json_response, timestamp
from shared.web.pages import Page, Query

_ID = re.compile(r"[1-9][0-9]{0,17}")


def shown(entry: StoredEntry) -> dict[str, object]:
    """A notification as its owner sees it."""
    return {
        "id": str(entry.seq),
        "type": entry.type,
        "title": entry.title,
        "message": entry.message,
        "data": from_json(entry.data),
        "isRead": entry.is_read,
        "isDelivered": entry.is_delivered,
        "createdAt": timestamp(entry.created_at),
        "eventId": str(entry.event_id),
    }


def _asked(request: web.Request) -> tuple[Page, bool, str | None]:
    """The page and its filters. Raises Invalid that names every bad one."""
    query = Query(request)
    page = query.page()
    unread, type_ = request.query.get("unread", "false"), request.query.get("type")
    if unread not in ("true", "false"):
        query.refuse("unread", "must be true or false")
    if type_ is not None and type_ not in NOTIFICATION_TYPES:
        query.refuse("type", f"must be one of {', '.join(sorted(NOTIFICATION_TYPES))}")
    query.check()
    return page, unread == "true", type_


async def page(request: web.Request) -> web.Response:
    asked, unread_only, type_ = _asked(request)
    user_id = request[CALLER].user_id
    async with request.app[DATABASE].connection() as connection:
        if type_ is not None:
            count = await entries.count_of_type(connection, user_id, unread_only, type_)
        else:
            total, unread = await mailboxes.totals(connection, user_id)
            count = unread if unread_only else total
        found = await entries.page(
            connection, user_id, unread_only, type_, asked.limit, asked.offset
        )
    return json_response(asked.of("notifications", [shown(entry) for entry in found], count))


async def unread_count(request: web.Request) -> web.Response:
    async with request.app[DATABASE].connection() as connection:
        _, unread = await mailboxes.totals(connection, request[CALLER].user_id)
    return json_response({"count": unread})


async def read(request: web.Request) -> web.Response:
    entry = await reads.mark_read(
        request.app[DATABASE], request[CALLER].user_id, _id_in_path(request)
    )
    return json_response({"message": "Marked as read.", "notification": shown(entry)})


async def read_all(request: web.Request) -> web.Response:
    count = await reads.mark_all_read(request.app[DATABASE], request[CALLER].user_id)
    return json_response({"message": "Marked all as read.", "count": count})


async def delete(request: web.Request) -> web.Response:
    await reads.delete(request.app[DATABASE], request[CALLER].user_id, _id_in_path(request))
    return json_response({"message": "Deleted."})


def _id_in_path(request: web.Request) -> int:
    text = request.match_info["id"]
    if not _ID.fullmatch(text):
        raise NotificationNotFound
    return int(text)
