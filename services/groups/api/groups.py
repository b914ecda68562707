"""Groups as a whole."""

from aiohttp import web

from services.groups.actions import groups as actions
from services.groups.api.answers import group_json
from services.groups.api.bodies import EditBody, NewGroupBody, TransferBody
from services.groups.api.context import OUTBOX, caller, group_id
from services.groups.api.telling import MADE
from services.groups.errors import GroupNotFound
from services.groups.storage import groups as storage
from shared.web.app import DATABASE
from shared.web.bodies import read_body
from shared.web.json import json_response
from shared.web.pages import page_of


async def create(request: web.Request) -> web.Response:
    body = await read_body(request, NewGroupBody)
    view = await actions.create_group(
        request.app[OUTBOX], caller(request), body.draft(), body.member_ids
    )
    request[MADE] = view.group.id
    return json_response(group_json(view), 201)


async def mine(request: web.Request) -> web.Response:
    page, user_id = page_of(request), caller(request)
    async with request.app[DATABASE].connection() as connection:
        views = await storage.page_of(connection, user_id, page.limit, page.offset)
        total = await storage.count_of(connection, user_id)
    return json_response(page.of("groups", [group_json(view) for view in views], total))


async def one(request: web.Request) -> web.Response:
    async with request.app[DATABASE].connection() as connection:
        view = await storage.seen_by(connection, group_id(request), caller(request))
    if view is None:
        raise GroupNotFound
    return json_response(group_json(view))


async def edit(request: web.Request) -> web.Response:
    body = await read_body(request, EditBody)
    view = await actions.edit_group(
        request.app[OUTBOX], caller(request), group_id(request), body.edit()
    )
    return json_response(group_json(view))


async def transfer(request: web.Request) -> web.Response:
    body = await read_body(request, TransferBody)
    view = await actions.transfer_group(
        request.app[OUTBOX], caller(request), group_id(request), body.user_id
    )
    return json_response(group_json(view))


async def delete(request: web.Request) -> web.Response:
    await actions.delete_group(request.app[OUTBOX], caller(request), group_id(request))
    return json_response({"message": "The group is deleted."})
