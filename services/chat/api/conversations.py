"""The caller's conversations."""

from aiohttp import web

from services.chat.api.answers import conversation_json
from services.chat.api.context import caller
from services.chat.storage import conversations
from shared.web.app import DATABASE
from shared.web.json import json_response
from shared.web.pages import page_of


async def mine(request: web.Request) -> web.Response:
    page, user_id = page_of(request), caller(request)
    async with request.app[DATABASE].connection() as connection:
        found = await conversations.page(connection, user_id, page.limit, page.offset)
        total = await conversations.count(connection, user_id)
    return json_response(
        page.of("conversations", [conversation_json(each) for each in found], total)
    )
