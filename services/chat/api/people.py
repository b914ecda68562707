"""The doors for those who look after people's data: what chat holds of somebody, and how far an
erasure is in all services."""

from collections.abc import Sequence
from uuid import UUID

from aiohttp import web
from pydantic_core import from_json

from services.chat.api.context import SERVICE_TOKENS
from services.chat.storage import display_names, erasure_answers, people
from services.chat.storage.erasure_answers import Answer
from shared.web.app import DATABASE
from shared.web.documents import Rows, write_document
from shared.web.identity import user_id_in_path
from shared.web.json import json_response, timestamp
from shared.web.pages import id_in_path
from shared.web.problems import HttpProblem

# In the order in which they erase.
SERVICES = ("groups", "chat", "notifier")
SPAN = 5000


async def report(request: web.Request) -> web.Response:
    """What each service has said of an erasure, and whether all have answered."""
    request.app[SERVICE_TOKENS].check(request)
    erasure_id = id_in_path(request, "id")
    if erasure_id is None:
        raise HttpProblem(404, "not_found", "This can't be the number of an erasure.")
    async with request.app[DATABASE].connection() as connection:
        answers = await erasure_answers.of(connection, erasure_id)
    return json_response(_report(erasure_id, answers))


def _report(erasure_id: UUID, answers: Sequence[Answer]) -> dict[str, object]:
    given = {
        answer.service: {"erasedAt": timestamp(answer.erased_at), "erased": answer.erased}
        for answer in answers
    }
    return {
        "erasureId": erasure_id,
        "isComplete": all(service in given for service in SERVICES),
        "services": {service: given.get(service) for service in SERVICES},
    }


async def data(request: web.Request) -> web.StreamResponse:
    """Everything that chat holds of a person."""
    request.app[SERVICE_TOKENS].check(request)
    user_id = user_id_in_path(request)
    async with request.app[DATABASE].connection() as connection:
        names = await display_names.names_of(connection, [user_id])
    return await write_document(
        request,
        {"userId": user_id, "name": names.get(user_id)},
        {"memberships": _memberships(request, user_id), "messages": _messages(request, user_id)},
    )


async def _memberships(request: web.Request, user_id: str) -> Rows:
    after: tuple[UUID, int] | None = (UUID(int=0), 0)
    while after is not None:
        async with request.app[DATABASE].connection() as connection:
            rows = await people.memberships(connection, user_id, after)
        yield [
            {
                "groupId": row["group_id"],
                "type": row["type"],
                "name": row["name"],
                "role": row["role"],
                "joinedAt": timestamp(row["joined_at"]),
                "joinedSeq": row["joined_seq"],
                "leftSeq": row["left_seq"],
                "deliveredSeq": row["delivered_seq"],
                "readSeq": row["read_seq"],
            }
            for row in rows
        ]
        after = (rows[-1]["group_id"], rows[-1]["joined_seq"]) if rows else None


async def _messages(request: web.Request, user_id: str) -> Rows:
    after: UUID | None = UUID(int=0)
    while after is not None:
        async with request.app[DATABASE].connection() as connection:
            theirs = await people.groups_of(connection, user_id, after)
        for group_id, last_seq in theirs:
            for start in range(0, last_seq, SPAN):
                async with request.app[DATABASE].connection() as connection:
                    rows = await people.messages(connection, group_id, start, SPAN, user_id)
                yield [
                    {
                        "id": row["id"],
                        "groupId": group_id,
                        "seq": row["seq"],
                        "type": row["type"],
                        "content": row["content"],
                        "metadata": from_json(row["metadata"]) if row["metadata"] else None,
                        "clientMessageId": row["client_message_id"],
                        "isDeleted": row["is_deleted"],
                        "createdAt": timestamp(row["created_at"]),
                    }
                    for row in rows
                ]
        after = theirs[-1][0] if theirs else None
