"""The notifier's doors."""

from aiohttp import web

from services.notifier.api import (
    event_stream,
    local,
    long_poll,
    notifications,
    presence,
    tickets,
)


def add_routes(app: web.Application) -> None:
    get, post = app.router.add_get, app.router.add_post
    # A HEAD of these would open a stream, or take as delivered what nobody is given.
    get("/v1/sse/stream", event_stream.stream, allow_head=False)
    get("/v1/sse/poll", long_poll.poll, allow_head=False)
    post("/v1/sse/ack", long_poll.acknowledge)
    post("/v1/sse/ticket", tickets.issue)
    get("/v1/notifications", notifications.page)
    get("/v1/notifications/unread-count", notifications.unread_count)
    app.router.add_patch("/v1/notifications/read-all", notifications.read_all)
    app.router.add_patch("/v1/notifications/{id}/read", notifications.read)
    # Not the fixed addresses: what they do not do is 405, and no notification is missing.
    one = "/v1/notifications/{id:(?!unread-count$|read-all$)[^/]+}"
    app.router.add_delete(one, notifications.delete)
    get("/v1/presence", presence.of_users)


def add_local_sign_in(app: web.Application) -> None:
    """The doors that make anybody whoever they say they are: only where the settings ask for it."""
    app.router.add_get("/v1/local", local.offered)
    app.router.add_post("/v1/local/token", local.token)
