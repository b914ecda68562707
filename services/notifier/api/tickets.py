"""Tickets, with which browsers open streams."""

from aiohttp import web

from services.notifier.keys import TICKETS
from services.notifier.shapes.events import Ticket
from shared.web.contract import operation
from shared.web.identity import CALLER
from shared.web.json import json_response


@operation({200: Ticket})
async def issue(request: web.Request) -> web.Response:
    """Get a ticket for `?ticket=`; it never outlives the token behind it."""
    ticket = request.app[TICKETS].issue(request[CALLER])
    answer: Ticket = {"ticket": ticket.text, "expiresIn": ticket.expires_in}
    return json_response(answer)
