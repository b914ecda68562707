"""Doors: they know HTTP and no SQL. This is the route table."""

from aiohttp import web

from services.groups.api import dms, groups, internal, members, people

# "dm" is no id: what its address does not do is 405, and no group is missing.
# Members are said in full: aiohttp's own pattern leaves out braces, which user ids may contain.
GROUP = "/v1/groups/{id:(?!dm$)[^/]+}"
MEMBER = "/v1/groups/{id}/members/{userId:[^/]+}"

PERSON = "/internal/v1/people/{userId:[^/]+}"

ROUTES = (
    web.post("/v1/groups", groups.create),
    web.post("/v1/groups/dm", dms.open_with),
    web.get("/v1/groups", groups.mine),
    web.get(GROUP, groups.one),
    web.patch(GROUP, groups.edit),
    web.delete(GROUP, groups.delete),
    web.post("/v1/groups/{id}/transfer", groups.transfer),
    web.post("/v1/groups/{id}/leave", members.leave),
    web.get("/v1/groups/{id}/members", members.of_group),
    web.post("/v1/groups/{id}/members", members.add),
    web.delete(MEMBER, members.remove),
    web.patch(f"{MEMBER}/role", members.change_role),
    web.get("/internal/v1/groups/{id}", internal.snapshot),
    web.post(f"{PERSON}/erasure", people.ask_to_erase),
    web.get(f"{PERSON}/data", people.data),
)
