"""Dms."""

from aiohttp import web

from services.groups.actions.dms import open_dm
from services.groups.api.answers import group_json
from services.groups.api.bodies import DmBody
from services.groups.api.context import OUTBOX, caller
from services.groups.api.telling import MADE
from shared.web.bodies import read_body
from shared.web.json import json_response


async def open_with(request: web.Request) -> web.Response:
    body = await read_body(request, DmBody)
    opened = await open_dm(request.app[OUTBOX], caller(request), body.recipient_id)
    request[MADE] = opened.view.group.id
    return json_response(group_json(opened.view), 201 if opened.is_new else 200)
