"""The doors for those who look after people's data: what groups holds of somebody, and having them
erased everywhere."""

from uuid import UUID

from aiohttp import web

from services.groups.actions import erasing
from services.groups.api.context import ERASING, MEMORY, OUTBOX, SERVICE_TOKENS
from services.groups.storage import people
from shared.web.app import DATABASE
from shared.web.documents import Rows, write_document
from shared.web.identity import user_id_in_path
from shared.web.json import json_response, timestamp


async def ask_to_erase(request: web.Request) -> web.Response:
    """Answers at once with the erasure's number; chat has the report. Asking again while it is at
    work begins no other one."""
    request.app[SERVICE_TOKENS].check(request)
    user_id = user_id_in_path(request)
    erasure_id = await erasing.ask_to_erase(request.app[OUTBOX], request.app[MEMORY], user_id)
    request.app[ERASING].asked.set()
    return json_response({"erasureId": erasure_id}, 202)


async def data(request: web.Request) -> web.StreamResponse:
    """Everything that groups holds of a person."""
    request.app[SERVICE_TOKENS].check(request)
    user_id = user_id_in_path(request)
    async with request.app[DATABASE].connection() as connection:
        name = await people.name_of(connection, user_id)
    return await write_document(
        request, {"userId": user_id, "name": name}, {"memberships": _memberships(request, user_id)}
    )


async def _memberships(request: web.Request, user_id: str) -> Rows:
    after: UUID | None = UUID(int=0)
    while after is not None:
        async with request.app[DATABASE].connection() as connection:
            rows = await people.memberships(connection, user_id, after)
        yield [
            {
                "groupId": row["id"],
                "type": row["type"],
                "name": row["name"],
                "isCreator": row["is_creator"],
                "isDeleted": row["is_deleted"],
                "role": row["role"],
                "joinedAt": timestamp(row["joined_at"]),
            }
            for row in rows
        ]
        after = rows[-1]["id"] if rows else None
