"""Members of a group. The user id in the path is only ever compared with those of members."""

from aiohttp import web

from services.groups.actions import members as actions
from services.groups.api.answers import group_json, member_json
from services.groups.api.bodies import NewMembersBody, RoleBody
from services.groups.api.context import OUTBOX, caller, group_id
from services.groups.errors import GroupNotFound
from services.groups.storage import groups, members
from shared.web.app import DATABASE
from shared.web.bodies import read_body
from shared.web.json import json_response
from shared.web.pages import page_of


async def of_group(request: web.Request) -> web.Response:
    page, group = page_of(request), group_id(request)
    async with request.app[DATABASE].connection() as connection:
        view = await groups.seen_by(connection, group, caller(request))
        if view is None:
            raise GroupNotFound
        found = await members.page_of(connection, group, page.limit, page.offset)
    return json_response(page.of("members", [member_json(m) for m in found], view.member_count))


async def add(request: web.Request) -> web.Response:
    body = await read_body(request, NewMembersBody)
    added = await actions.add_members(
        request.app[OUTBOX], caller(request), group_id(request), body.member_ids
    )
    return json_response(
        {"group": group_json(added.view), "added": added.added, "skipped": added.skipped}
    )


async def remove(request: web.Request) -> web.Response:
    """Removing oneself is leaving."""
    actor, user_id = caller(request), request.match_info["userId"]
    if user_id == actor:
        return await leave(request)
    await actions.remove_member(request.app[OUTBOX], actor, group_id(request), user_id)
    return json_response({"message": "The member is removed."})


async def leave(request: web.Request) -> web.Response:
    await actions.leave_group(request.app[OUTBOX], caller(request), group_id(request))
    return json_response({"message": "You left the group."})


async def change_role(request: web.Request) -> web.Response:
    body = await read_body(request, RoleBody)
    member = await actions.change_role(
        request.app[OUTBOX],
        caller(request),
        group_id(request),
        request.match_info["userId"],
        body.role,
    )
    return json_response(member_json(member))
