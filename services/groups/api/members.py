"""Members of a group. The user id in the path is only ever compared with those of members."""

from aiohttp import web

from services.groups.actions import members as actions
from services.groups.api.answers import Added, Member, group_json, member_json
from services.groups.api.bodies import NewMembersBody, RoleBody
from services.groups.api.context import GROUP_ID, OUTBOX, USER_ID, caller, group_id
from services.groups.errors import (
    CreatorMustTransfer,
    CreatorProtected,
    DmImmutable,
    GroupFull,
    GroupNotFound,
    MemberNotFound,
    NotAnAdmin,
)
from services.groups.storage import groups, members
from shared.web.app import DATABASE
from shared.web.bodies import read_body
from shared.web.contract import Paged, operation
from shared.web.json import json_response
from shared.web.pages import PAGING, page_of
from shared.web.shapes import Said


@operation(
    {200: Paged("members", Member)}, parameters=[GROUP_ID, *PAGING], refusals=[GroupNotFound]
)
async def of_group(request: web.Request) -> web.Response:
    """List the members of a group, in the order in which they joined."""
    page, group = page_of(request), group_id(request)
    async with request.app[DATABASE].connection() as connection:
        view = await groups.seen_by(connection, group, caller(request))
        if view is None:
            raise GroupNotFound
        found = await members.page_of(connection, group, page.limit, page.offset)
    return json_response(page.of("members", [member_json(m) for m in found], view.member_count))


@operation(
    {200: Added},
    parameters=[GROUP_ID],
    body=NewMembersBody,
    refusals=[NotAnAdmin, GroupNotFound, DmImmutable, GroupFull],
)
async def add(request: web.Request) -> web.Response:
    """Add members; for admins. All of them fit, or none is added."""
    body = await read_body(request, NewMembersBody)
    added = await actions.add_members(
        request.app[OUTBOX], caller(request), group_id(request), body.member_ids
    )
    answer: Added = {
        "group": group_json(added.view),
        "added": list(added.added),
        "skipped": list(added.skipped),
    }
    return json_response(answer)


@operation(
    {200: Said},
    parameters=[GROUP_ID, USER_ID],
    refusals=[
        NotAnAdmin,
        GroupNotFound,
        MemberNotFound,
        DmImmutable,
        CreatorProtected,
        CreatorMustTransfer,
    ],
)
async def remove(request: web.Request) -> web.Response:
    """Remove a member; for admins. Removing oneself is leaving."""
    actor, user_id = caller(request), request.match_info["userId"]
    if user_id == actor:
        return await leave(request)
    await actions.remove_member(request.app[OUTBOX], actor, group_id(request), user_id)
    return json_response({"message": "The member is removed."})


@operation(
    {200: Said},
    parameters=[GROUP_ID],
    refusals=[GroupNotFound, DmImmutable, CreatorMustTransfer],
)
async def leave(request: web.Request) -> web.Response:
    """Leave a group. Its creator hands it over first."""
    await actions.leave_group(request.app[OUTBOX], caller(request), group_id(request))
    return json_response({"message": "You left the group."})


@operation(
    {200: Member},
    parameters=[GROUP_ID, USER_ID],
    body=RoleBody,
    refusals=[NotAnAdmin, GroupNotFound, MemberNotFound, DmImmutable, CreatorProtected],
)
async def change_role(request: web.Request) -> web.Response:
    """Change a member's role; for admins. The creator stays an admin."""
    body = await read_body(request, RoleBody)
    member = await actions.change_role(
        request.app[OUTBOX],
        caller(request),
        group_id(request),
        request.match_info["userId"],
        body.role,
    )
    return json_response(member_json(member))
