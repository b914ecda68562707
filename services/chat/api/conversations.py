"""The caller's conversations."""

from aiohttp import web

from services.chat.api.answers import conversation_json
from services.chat.api.context import caller
from services.chat.api.shapes import Conversation
from services.chat.storage import conversations
from shared.web.app import DATABASE
from shared.web.contract import Paged, operation
from shared.web.json import json_response
from shared.web.pages import PAGING, page_of


@operation({200: Paged("conversations", Conversation)}, parameters=PAGING)
async def mine(request: web.Request) -> web.Response:
    """List the caller's groups by last activity, with what is new in each."""
    page, user_id = page_of(request), caller(request)
    async with request.app[DATABASE].connection() as connection:
        found = await conversations.page(connection, user_id, page.limit, page.offset)
        total = await conversations.count(connection, user_id)
    return json_response(
        page.of("conversations", [conversation_json(each) for each in found], total)
    )
