"""Learning display names from the tokens that come by."""

from typing import Any

from aiohttp import web

from services.chat.actions.learn_name import KnownNames
from shared.web.identity import CALLER
from shared.web.problems import Handler


def learn_names(known: KnownNames) -> Any:
    """Middleware that keeps the display name of whoever calls, before the call is answered: what
    the caller does is then told under that name."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        caller = request.get(CALLER)
        if caller is not None and caller.name is not None:
            await known.learn(caller.user_id, caller.name)
        return await handler(request)

    return middleware
