"""One OpenAPI document of all services, as the gateway shows them: `make openapi`."""

from collections.abc import Iterable
from typing import Any

from aiohttp import web

from services.chat.api import ROUTES as CHAT
from services.groups.api import ROUTES as GROUPS
from services.notifier.api import ROUTES as NOTIFIER
from shared.web.openapi import describe

Json = dict[str, Any]


def merged() -> Json:
    """The documents of all services in one."""
    document, *others = (_of(routes) for routes in (GROUPS, CHAT, NOTIFIER))
    for other in others:
        document["tags"] += other["tags"]
        for path, operations in other["paths"].items():
            _join(document["paths"].setdefault(path, {}), operations)
        for kind, components in other["components"].items():
            _join(document["components"][kind], components)
    return document


def _of(routes: Iterable[web.AbstractRouteDef]) -> Json:
    app = web.Application()
    app.add_routes(routes)
    return describe(app.router.routes())


def _join(known: Json, joining: Json) -> None:
    """Raises ValueError where two services mean different things by one name."""
    for name, value in joining.items():
        if known.setdefault(name, value) != value:
            raise ValueError(f"two services have a {name!r} of their own: rename one")
