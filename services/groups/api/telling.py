"""Having chat know of a change before the caller does."""

from uuid import UUID

from aiohttp import web

from services.groups.chat_client import ChatClient
from shared.web.pages import id_in_path
from shared.web.problems import Handler

CHAT = web.AppKey("chat", ChatClient)
# Set by doors that make a group; the others have its id in their path.
MADE = web.RequestKey("made", UUID)
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


@web.middleware
async def tell_chat(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Middleware: what was changed with success counts in chat by the time it is answered."""
    response = await handler(request)
    if request.method not in _READING and response.status < 300:
        group_id = request.get(MADE)
        if group_id is None and "id" in request.match_info:
            group_id = id_in_path(request, "id")
        if group_id is not None:
            await request.app[CHAT].changed(group_id)
    return response
