"""Having chat know of a change before the caller does.

Chat keeps a copy of the memberships, which follows groups' facts. Without this word, who adds
somebody and sends a message at once would find that the message passed the newcomer by.
"""

from uuid import UUID

from aiohttp import web

from shared.web.best_effort import BestEffort
from shared.web.pages import id_in_path
from shared.web.problems import Handler

CHAT = web.AppKey("chat", BestEffort)
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
            await request.app[CHAT].call("PUT", f"/internal/v1/groups/{group_id}/changed")
    return response
