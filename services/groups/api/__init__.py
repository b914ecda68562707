"""Doors: they know HTTP and no SQL. This is the route table."""

from aiohttp import web

from services.groups.api import dms, groups, internal, members

# Said in full because aiohttp's own pattern leaves out braces, which user ids may contain.
MEMBER = "/v1/groups/{id}/members/{userId:[^/]+}"

ROUTES = (
    web.post("/v1/groups", groups.create),
    # Before the addresses of single groups: "dm" is no id.
    web.post("/v1/groups/dm", dms.open_with),
    web.get("/v1/groups", groups.mine),
    web.get("/v1/groups/{id}", groups.one),
    web.patch("/v1/groups/{id}", groups.edit),
    web.delete("/v1/groups/{id}", groups.delete),
    web.post("/v1/groups/{id}/transfer", groups.transfer),
    web.post("/v1/groups/{id}/leave", members.leave),
    web.get("/v1/groups/{id}/members", members.of_group),
    web.post("/v1/groups/{id}/members", members.add),
    web.delete(MEMBER, members.remove),
    web.patch(f"{MEMBER}/role", members.change_role),
    web.get("/internal/v1/groups/{id}", internal.snapshot),
)
