"""The door for those who look after people's data: what the notifier holds of somebody."""

from aiohttp import web
from pydantic_core import from_json

from services.notifier.keys import SERVICE_TOKENS
from services.notifier.storage import people
from shared.web.app import DATABASE
from shared.web.documents import Rows, write_document
from shared.web.identity import user_id_in_path
from shared.web.json import timestamp

TOGETHER = 500


async def data(request: web.Request) -> web.StreamResponse:
    """Everything that the notifier holds of a person."""
    request.app[SERVICE_TOKENS].check(request)
    user_id = user_id_in_path(request)
    async with request.app[DATABASE].connection() as connection:
        seen = await people.last_seen(connection, user_id)
        read_all_at = await people.last_read_all(connection, user_id)
    return await write_document(
        request,
        {
            "userId": user_id,
            "lastSeen": timestamp(seen["last_seen"]) if seen else None,
            "readAllAt": timestamp(read_all_at) if read_all_at else None,
        },
        {"notifications": _notifications(request, user_id)},
    )


async def _notifications(request: web.Request, user_id: str) -> Rows:
    after: int | None = 0
    while after is not None:
        async with request.app[DATABASE].connection() as connection:
            rows = await people.entries(connection, user_id, after, TOGETHER)
        yield [
            {
                "id": str(row["seq"]),
                "type": row["type"],
                "title": row["title"],
                "message": row["message"],
                "data": from_json(row["data"]),
                "isRead": row["is_read"],
                "readAt": timestamp(row["read_at"]) if row["read_at"] else None,
                "traceId": row["trace_id"],
                "createdAt": timestamp(row["created_at"]),
            }
            for row in rows
        ]
        after = rows[-1]["seq"] if rows else None
