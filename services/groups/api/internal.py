"""The door for other services: a group that one of them has not heard of yet."""

from aiohttp import web

from services.groups.actions import snapshots
from services.groups.api.context import SERVICE_TOKENS, group_id
from shared.web.app import DATABASE
from shared.web.json import json_response
from shared.web.pages import Query

# Versions are integers of the database.
MAX_VERSION = 2**31 - 1


async def snapshot(request: web.Request) -> web.Response:
    request.app[SERVICE_TOKENS].check(request)
    query = Query(request)
    after = query.integer("after", 0, 0, MAX_VERSION)
    query.check()
    found = await snapshots.snapshot(request.app[DATABASE], group_id(request), after)
    return json_response(found.model_dump(by_alias=True))
