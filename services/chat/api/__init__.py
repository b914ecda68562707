"""Doors: they know HTTP and no SQL. This is the route table."""

from aiohttp import web

from services.chat.api import conversations, internal, messages, people, receipts

ROUTES = (
    web.post("/v1/groups/{id}/messages", messages.post),
    web.get("/v1/groups/{id}/messages", messages.history),
    web.get("/v1/messages/{id}", messages.one),
    web.delete("/v1/messages/{id}", messages.delete),
    web.post("/v1/messages/{id}/read", receipts.read),
    web.get("/v1/messages/{id}/status", receipts.status),
    web.get("/v1/conversations", conversations.mine),
    web.put("/internal/v1/groups/{id}/changed", internal.changed),
    web.get("/internal/v1/people/{userId:[^/]+}/data", people.data),
    web.get("/internal/v1/erasures/{id}", people.report),
)
