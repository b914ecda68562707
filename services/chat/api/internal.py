"""The door for groups: something about a group has changed."""

from aiohttp import web

from services.chat.api.context import GROUP_COPY, SERVICE_TOKENS, group_id


async def changed(request: web.Request) -> web.Response:
    """Answers once chat's copy of the group has everything that groups has now."""
    request.app[SERVICE_TOKENS].check(request)
    await request.app[GROUP_COPY].refresh(group_id(request))
    return web.Response(status=204)
