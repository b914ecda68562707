"""Learning display names from the tokens that come by."""

import time
from collections import OrderedDict
from typing import Any

from aiohttp import web

from services.groups.storage.names import remember
from shared.web.app import DATABASE
from shared.web.identity import CALLER, Identity
from shared.web.problems import Handler

REMEMBERED = 10_000
# Another replica may have learned another name meanwhile, or the person was erased.
TRUSTED_SECONDS = 60.0


class KnownNames:
    """The names last written by this process, at most `size` of them: what is in here needs no
    write. A name forgotten costs one statement that writes nothing."""

    def __init__(self, size: int = REMEMBERED) -> None:
        self._size = size
        self._names: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def is_news(self, caller: Identity) -> bool:
        """Whether the caller's token carries a name other than the one last written."""
        known, until = self._names.get(caller.user_id, ("", 0.0))
        return caller.name is not None and (known != caller.name or until <= time.monotonic())

    def keep(self, user_id: str, name: str) -> None:
        self._names[user_id] = (name, time.monotonic() + TRUSTED_SECONDS)
        self._names.move_to_end(user_id)
        if len(self._names) > self._size:
            self._names.popitem(last=False)


def learn_names(known: KnownNames) -> Any:
    """Middleware that keeps the display name of whoever calls, before the call is answered: what
    the caller does is then told under that name."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        caller = request.get(CALLER)
        if caller is not None and caller.name is not None and known.is_news(caller):
            async with request.app[DATABASE].connection() as connection:
                await remember(connection, caller.user_id, caller.name)
            known.keep(caller.user_id, caller.name)
        return await handler(request)

    return middleware
