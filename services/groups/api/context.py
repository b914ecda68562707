"""What a door needs to know about a request."""

from uuid import UUID

from aiohttp import web

from services.groups.errors import GroupNotFound
from shared.erasures.memory import Memory
from shared.erasures.work import Erasing
from shared.outbox.record import Outbox
from shared.web.contract import in_path
from shared.web.identity import CALLER
from shared.web.pages import id_in_path
from shared.web.service_tokens import ServiceTokens

OUTBOX = web.AppKey("outbox", Outbox)
SERVICE_TOKENS = web.AppKey("service_tokens", ServiceTokens)
MEMORY = web.AppKey("memory", Memory)
ERASING = web.AppKey("erasing", Erasing)

GROUP_ID = in_path("id", "The group.", format="uuid")
USER_ID = in_path("userId", "The member, percent-encoded.", pattern=r"^[!-+\--~]{1,128}$")


def caller(request: web.Request) -> str:
    """The user id of whoever is calling."""
    return request[CALLER].user_id


def group_id(request: web.Request) -> UUID:
    """The group in the path. Raises GroupNotFound for what can't be an id."""
    found = id_in_path(request, "id")
    if found is None:
        raise GroupNotFound
    return found
