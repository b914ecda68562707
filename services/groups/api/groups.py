"""Groups as a whole."""

from aiohttp import web

from services.groups.actions import groups as actions
from services.groups.api.answers import group_json
from services.groups.api.bodies import EditBody, NewGroupBody, TransferBody
from services.groups.api.context import GROUP_ID, OUTBOX, caller, group_id
from services.groups.api.telling import MADE
from services.groups.errors import (
    DmImmutable,
    GroupFull,
    GroupNotFound,
    MaxMembersBelowSize,
    NotAMember,
    NotAnAdmin,
    NotTheCreator,
)
from services.groups.storage import groups as storage
from shared.web.app import DATABASE
from shared.web.bodies import read_body
from shared.web.contract import Paged, operation
from shared.web.json import json_response
from shared.web.pages import PAGING, page_of
from shared.web.shapes import Group, Said


@operation({201: Group}, body=NewGroupBody, refusals=[GroupFull])
async def create(request: web.Request) -> web.Response:
    """Make a group.

    The caller is its creator and an admin. Those named become members, and are told.
    """
    body = await read_body(request, NewGroupBody)
    view = await actions.create_group(
        request.app[OUTBOX], caller(request), body.draft(), body.member_ids
    )
    request[MADE] = view.group.id
    return json_response(group_json(view), 201)


@operation({200: Paged("groups", Group)}, parameters=PAGING)
async def mine(request: web.Request) -> web.Response:
    """List the caller's groups."""
    page, user_id = page_of(request), caller(request)
    async with request.app[DATABASE].connection() as connection:
        views = await storage.page_of(connection, user_id, page.limit, page.offset)
        total = await storage.count_of(connection, user_id)
    return json_response(page.of("groups", [group_json(view) for view in views], total))


@operation({200: Group}, parameters=[GROUP_ID], refusals=[GroupNotFound])
async def one(request: web.Request) -> web.Response:
    """Get a group."""
    async with request.app[DATABASE].connection() as connection:
        view = await storage.seen_by(connection, group_id(request), caller(request))
    if view is None:
        raise GroupNotFound
    return json_response(group_json(view))


@operation(
    {200: Group},
    parameters=[GROUP_ID],
    body=EditBody,
    refusals=[NotAnAdmin, GroupNotFound, DmImmutable, MaxMembersBelowSize],
)
async def edit(request: web.Request) -> web.Response:
    """Change a group's name, description, avatar or settings.

    What is left out stays. For admins, or for every member where `onlyAdminsCanEditInfo` is false;
    settings are the admins' in any case.
    """
    body = await read_body(request, EditBody)
    view = await actions.edit_group(
        request.app[OUTBOX], caller(request), group_id(request), body.edit()
    )
    return json_response(group_json(view))


@operation(
    {200: Group},
    parameters=[GROUP_ID],
    body=TransferBody,
    refusals=[NotTheCreator, GroupNotFound, DmImmutable, NotAMember],
)
async def transfer(request: web.Request) -> web.Response:
    """Hand a group over to another member, who becomes its creator and an admin."""
    body = await read_body(request, TransferBody)
    view = await actions.transfer_group(
        request.app[OUTBOX], caller(request), group_id(request), body.user_id
    )
    return json_response(group_json(view))


@operation({200: Said}, parameters=[GROUP_ID], refusals=[NotTheCreator, GroupNotFound, DmImmutable])
async def delete(request: web.Request) -> web.Response:
    """Delete a group; only its creator may."""
    await actions.delete_group(request.app[OUTBOX], caller(request), group_id(request))
    return json_response({"message": "The group is deleted."})
