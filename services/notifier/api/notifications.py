"""The inbox."""

import re
from typing import Annotated

from aiohttp import web
from pydantic import Field, with_config
from pydantic_core import from_json
from typing_extensions import TypedDict

from services.notifier.actions import reads
from services.notifier.domain import NOTIFICATION_TYPES
from services.notifier.errors import NotificationNotFound
from services.notifier.shapes.notifications import Notification
from services.notifier.storage import entries, mailboxes
from services.notifier.storage.entries import StoredEntry
from shared.web.app import DATABASE
from shared.web.contract import Paged, in_path, in_query, operation
from shared.web.identity import CALLER
from shared.web.json import json_response, timestamp
from shared.web.pages import PAGING, Page, Query
from shared.web.shapes import Count, Said, documented

_ID = re.compile(r"[1-9][0-9]{0,17}")
ID = in_path("id", "The notification.", pattern=f"^{_ID.pattern}$")
UNREAD = in_query("unread", "`true`: only those not read yet.", enum=["true", "false"])
TYPE = in_query("type", "Only those of this type.", enum=sorted(NOTIFICATION_TYPES))


@with_config(documented())
class UnreadCount(TypedDict):
    """How many notifications are unread."""

    count: Annotated[Count, Field(examples=[7])]


@with_config(documented())
class MarkedRead(TypedDict):
    """The notification, now read."""

    message: Annotated[str, Field(examples=["Marked as read."])]
    notification: Notification


@with_config(documented())
class MarkedAllRead(TypedDict):
    """How many became read."""

    message: Annotated[str, Field(examples=["Marked all as read."])]
    count: Annotated[Count, Field(examples=[7])]


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


@operation({200: Paged("notifications", Notification)}, parameters=[*PAGING, UNREAD, TYPE])
async def page(request: web.Request) -> web.Response:
    """List the caller's notifications, newest first."""
    asked, unread_only, type_ = _asked(request)
    user_id = request[CALLER].user_id
    async with (
        request.app[DATABASE].connection() as connection,
        # What is counted and what is listed are of one moment, or they contradict each other.
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        if type_ is not None:
            count = await entries.count_of_type(connection, user_id, unread_only, type_)
        else:
            total, unread = await mailboxes.totals(connection, user_id)
            count = unread if unread_only else total
        found = await entries.page(
            connection, user_id, unread_only, type_, asked.limit, asked.offset, count
        )
    return json_response(asked.of("notifications", [shown(entry) for entry in found], count))


@operation({200: UnreadCount})
async def unread_count(request: web.Request) -> web.Response:
    """Count what is unread."""
    async with request.app[DATABASE].connection() as connection:
        _, unread = await mailboxes.totals(connection, request[CALLER].user_id)
    return json_response({"count": unread})


@operation({200: MarkedRead}, parameters=[ID], refusals=[NotificationNotFound])
async def read(request: web.Request) -> web.Response:
    """Mark a notification as read."""
    entry = await reads.mark_read(
        request.app[DATABASE], request[CALLER].user_id, id_in_path(request)
    )
    return json_response({"message": "Marked as read.", "notification": shown(entry)})


@operation({200: MarkedAllRead})
async def read_all(request: web.Request) -> web.Response:
    """Mark all notifications as read."""
    count = await reads.mark_all_read(request.app[DATABASE], request[CALLER].user_id)
    return json_response({"message": "Marked all as read.", "count": count})


@operation({200: Said}, parameters=[ID], refusals=[NotificationNotFound])
async def delete(request: web.Request) -> web.Response:
    """Delete a notification."""
    await reads.delete(request.app[DATABASE], request[CALLER].user_id, id_in_path(request))
    return json_response({"message": "Deleted."})


def id_in_path(request: web.Request) -> int:
    """The position that the path names. Raises NotificationNotFound when it can't be one."""
    text = request.match_info["id"]
    if not _ID.fullmatch(text):
        raise NotificationNotFound
    return int(text)
