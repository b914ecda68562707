"""POST /v1/sse/ticket."""

from aiohttp import web

from services.notifier.keys import TICKETS
from shared.web.identity import CALLER
from shared.web.json import json_response


async def issue(request: web.Request) -> web.Response:
    ticket = request.app[TICKETS].issue(request[CALLER])
    return json_response({"ticket": ticket.text, "expiresIn": ticket.expires_in})
