"""The door for those who know that somebody may no longer listen: signed out, or banned."""

from aiohttp import web

from services.notifier.keys import SERVICE_TOKENS, STREAMS
from shared.web.identity import user_id_in_path


async def disconnect(request: web.Request) -> web.Response:
    """Closes all streams and polls of a person, on every replica, within a second. Their token is
    good until it expires: who wants them to stay away lets nobody have a new one first."""
    request.app[SERVICE_TOKENS].check(request)
    await request.app[STREAMS].live.disconnect(user_id_in_path(request, "id"))
    return web.Response(status=204)
