"""Who is online."""

from typing import Annotated

from aiohttp import web
from pydantic import Field, with_config
from typing_extensions import TypedDict

from services.notifier.storage import presence
from shared.web.app import DATABASE
from shared.web.contract import Parameter, operation
from shared.web.identity import USER_ID
from shared.web.json import json_response, timestamp
from shared.web.pages import Query
from shared.web.shapes import Timestamp, UserId, documented

MAX_USERS = 100
USER_IDS = Parameter(
    "userIds",
    "query",
    {
        "type": "array",
        "items": {"type": "string", "pattern": f"^{USER_ID.pattern}$"},
        "minItems": 1,
        "maxItems": MAX_USERS,
        "examples": [["alice", "bob"]],
    },
    "Whose, separated by commas.",
    is_list=True,
    required=True,
)


@with_config(documented())
class Presence(TypedDict):
    """Whether somebody is there."""

    userId: UserId
    online: bool
    """A stream of theirs lives, or a poll ended less than 60 s ago."""
    lastSeen: Timestamp | None
    """Null for one never seen."""


@with_config(documented())
class Presences(TypedDict):
    """Those asked for, in that order."""

    users: Annotated[list[Presence], Field(max_length=MAX_USERS)]


@operation({200: Presences}, parameters=[USER_IDS])
async def of_users(request: web.Request) -> web.Response:
    """Tell who is online."""
    user_ids = request.query.get("userIds", "").split(",")
    query = Query(request)
    if len(user_ids) > MAX_USERS:
        query.refuse("userIds", f"must name at most {MAX_USERS} users")
    elif not all(USER_ID.fullmatch(user_id) for user_id in user_ids):
        query.refuse("userIds", "must be user ids, separated by commas")
    query.check()
    async with request.app[DATABASE].connection() as connection:
        found = await presence.of_users(connection, list(dict.fromkeys(user_ids)))
    users: list[Presence] = [
        {
            "userId": user.user_id,
            "online": user.online,
            "lastSeen": timestamp(user.last_seen) if user.last_seen else None,
        }
        for user in found
    ]
    answer: Presences = {"users": users}
    return json_response(answer)
