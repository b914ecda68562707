"""GET /v1/presence."""

from aiohttp import web

from services.notifier.storage import presence
from shared.web.app import DATABASE
from shared.web.identity import USER_ID
from shared.web.json import json_response, timestamp
from shared.web.pages import Query

MAX_USERS = 100


async def of_users(request: web.Request) -> web.Response:
    user_ids = list(dict.fromkeys(request.query.get("userIds", "").split(",")))
    query = Query(request)
    if len(user_ids) > MAX_USERS:
        query.refuse("userIds", f"must name at most {MAX_USERS} users")
    elif not all(USER_ID.fullmatch(user_id) for user_id in user_ids):
        query.refuse("userIds", "must be user ids, separated by commas")
    query.check()
    async with request.app[DATABASE].connection() as connection:
        found = await presence.of_users(connection, user_ids)
    return json_response(
        {
            "users": [
                {
                    "userId": user.user_id,
                    "online": user.online,
                    "lastSeen": timestamp(user.last_seen) if user.last_seen else None,
                }
                for user in found
            ]
        }
    )
