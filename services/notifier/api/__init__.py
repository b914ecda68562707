"""The notifier's doors. This is the route table."""

from aiohttp import web

from services.notifier.api import (
    deletions,
    event_stream,
    internal,
    local,
    long_poll,
    notifications,
    people,
    presence,
    tickets,
    traces,
)

ROUTES = (
    # A HEAD of these would open a stream, or take as delivered what nobody is given.
    web.get("/v1/sse/stream", event_stream.stream, allow_head=False),
    web.get("/v1/sse/poll", long_poll.poll, allow_head=False),
    web.post("/v1/sse/ack", long_poll.acknowledge),
    web.post("/v1/sse/ticket", tickets.issue),
    web.get("/v1/notifications", notifications.page),
    web.get("/v1/notifications/unread-count", notifications.unread_count),
    web.patch("/v1/notifications/read-all", notifications.read_all),
    web.patch("/v1/notifications/{id}/read", notifications.read),
    web.get("/v1/notifications/{id}/trace", traces.one),
    # Not the fixed addresses: what they do not do is 405, and no notification is missing.
    web.delete("/v1/notifications/{id:(?!unread-count$|read-all$)[^/]+}", notifications.delete),
    web.get("/v1/presence", presence.of_users),
    web.post("/internal/v1/users/{id}/disconnect", internal.disconnect),
    web.get("/internal/v1/messages/{id}/deletion", deletions.known),
    web.get("/internal/v1/people/{userId:[^/]+}/data", people.data),
)

# The doors that make anybody whoever they say they are: only where the settings ask for it.
LOCAL_SIGN_IN = (
    web.get("/v1/local", local.offered),
    web.post("/v1/local/token", local.token),
)
