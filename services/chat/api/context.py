"""What a door needs to know about a request."""

import asyncio
from uuid import UUID

from aiohttp import web

from services.chat.actions.ask_groups import GroupCopy
from services.chat.actions.post_messages import Posting
from services.chat.errors import GroupNotFound, MessageNotFound
from shared.erasures.memory import Memory
from shared.erasures.work import Erasing
from shared.outbox.record import Outbox
from shared.web.best_effort import BestEffort
from shared.web.contract import in_path
from shared.web.identity import CALLER
from shared.web.pages import id_in_path
from shared.web.service_tokens import ServiceTokens

OUTBOX = web.AppKey("outbox", Outbox)
POSTING = web.AppKey("posting", Posting)
GROUP_COPY = web.AppKey("group_copy", GroupCopy)
SERVICE_TOKENS = web.AppKey("service_tokens", ServiceTokens)
MEMORY = web.AppKey("memory", Memory)
ERASING = web.AppKey("erasing", Erasing)
NOTIFIER = web.AppKey("notifier", BestEffort)
# Rung when watermarks moved of which senders are to be told.
MOVED = web.AppKey("moved", asyncio.Event)

GROUP_ID = in_path("id", "The group.", format="uuid")
MESSAGE_ID = in_path("id", "The message.", format="uuid")


def caller(request: web.Request) -> str:
    """The user id of whoever is calling."""
    return request[CALLER].user_id


def named_caller(request: web.Request) -> tuple[str, str | None]:
    """The user id of whoever is calling, and the name on the token."""
    return request[CALLER].user_id, request[CALLER].name


def group_id(request: web.Request) -> UUID:
    """The group in the path. Raises GroupNotFound for what can't be an id."""
    found = id_in_path(request, "id")
    if found is None:
        raise GroupNotFound
    return found


def message_id(request: web.Request) -> UUID:
    """The message in the path. Raises MessageNotFound for what can't be an id."""
    found = id_in_path(request, "id")
    if found is None:
        raise MessageNotFound
    return found
