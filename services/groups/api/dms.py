"""Conversations of two people."""

from aiohttp import web

from services.groups.actions.dms import open_dm
from services.groups.api.answers import group_json
from services.groups.api.bodies import DmBody
from services.groups.api.context import OUTBOX, caller
from services.groups.api.telling import MADE
from services.groups.errors import DmWithOneself
from shared.web.bodies import read_body
from shared.web.contract import operation
from shared.web.json import json_response
from shared.web.shapes import Group


@operation({201: Group, 200: Group}, body=DmBody, refusals=[DmWithOneself])
async def open_with(request: web.Request) -> web.Response:
    """Open a dm.

    201 with a new one, or 200 with the one that exists: two people have one dm.
    """
    body = await read_body(request, DmBody)
    opened = await open_dm(request.app[OUTBOX], caller(request), body.recipient_id)
    request[MADE] = opened.view.group.id
    return json_response(group_json(opened.view), 201 if opened.is_new else 200)
