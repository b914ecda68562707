"""The contract of HTTP: complete, valid, and said in docs/openapi.json as it is served."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from aiohttp import web
from openapi_spec_validator import OpenAPIV31SpecValidator

from contracts.__main__ import text_of
from contracts.examples import Examples
from contracts.openapi import merged
from contracts.page import page
from services.chat.api import ROUTES as CHAT
from services.groups.api import ROUTES as GROUPS
from services.notifier.api import ROUTES as NOTIFIER
from services.notifier.inbox.translations import translate
from shared.events.envelope import decode
from shared.web.contract import operation_of
from tests.fixtures.contract import Breach, check_answer, check_event
from tests.fixtures.event_stream import EventStreamReader

HERE = Path(__file__).parent
DOCUMENT = merged()
OPERATIONS = [
    (f"{method.upper()} {path}", operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]


def examples(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every schema that has examples, with each of them."""
    if isinstance(value, dict):
        if isinstance(value.get("examples"), list):
            yield from ((value, example) for example in value["examples"])
        for inner in value.values():
            yield from examples(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from examples(inner)


def test_the_document_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_the_checked_in_document_is_what_the_services_serve() -> None:
    docs = HERE.parents[1] / "docs"
    assert (docs / "openapi.json").read_text() == text_of(DOCUMENT), "run `make openapi`"
    assert (docs / "api" / "index.html").read_text() == page(DOCUMENT), "run `make openapi`"


def test_every_public_door_is_in_the_document() -> None:
    app = web.Application()
    for routes in (GROUPS, CHAT, NOTIFIER):
        app.add_routes(routes)
    doors = {route.handler: route for route in app.router.routes()}
    undeclared = [
        str(route.resource)
        for route in doors.values()
        if route.resource is not None
        and operation_of(route) is None
        and not route.resource.canonical.startswith("/internal/")
    ]
    assert not undeclared


def test_operations_can_be_told_apart_and_say_what_they_do() -> None:
    ids = [operation["operationId"] for _, operation in OPERATIONS]
    assert len(ids) == len(set(ids))
    assert not [name for name, operation in OPERATIONS if not operation["summary"].endswith(".")]


@pytest.mark.parametrize(("schema", "example"), list(examples(DOCUMENT["components"])))
def test_every_example_is_one(schema: Any, example: Any) -> None:
    whole = {**schema, "components": DOCUMENT["components"]}
    jsonschema_rs.Draft202012Validator(whole, validate_formats=True).validate(example)


def contents(operation: Any) -> Iterator[tuple[str, Any]]:
    """What is sent and answered, each with its media type."""
    for each in (operation.get("requestBody", {}), *operation["responses"].values()):
        yield from each.get("content", {}).items()


@pytest.mark.parametrize(("name", "operation"), OPERATIONS, ids=[name for name, _ in OPERATIONS])
def test_whoever_reads_of_an_operation_sees_what_is_sent_and_answered(
    name: str, operation: Any
) -> None:
    made = Examples(DOCUMENT["components"]["schemas"])
    for media_type, content in contents(operation):
        if media_type == "application/json":
            # What stands for a text of which nobody gave an example.
            assert '"…"' not in json.dumps(made.of(content["schema"]), ensure_ascii=False)
        elif media_type == "text/event-stream":
            assert content["example"], name


def test_the_example_of_a_stream_is_one() -> None:
    [content] = DOCUMENT["paths"]["/v1/sse/stream"]["get"]["responses"]["200"]["content"].values()
    reader = EventStreamReader()
    told = list(reader.feed(content["example"].encode()))
    assert [event.name for event in told] == ["connected", "notification", "heartbeat"]
    for event in told:
        check_event(event.name, event.json)
    assert reader.retry
    assert told[-1].json["cursor"] == reader.last_event_id


@pytest.mark.parametrize(
    "file",
    # Of who was erased, nobody is told.
    sorted(f for f in (HERE / "published").glob("[cg]*.json") if ".person." not in f.stem),
    ids=lambda f: f.stem,
)
def test_what_people_are_told_is_in_the_document(file: Path) -> None:
    notice = translate(decode(file.read_bytes()))
    assert notice is not None
    notification = {
        "id": "42",
        "type": notice.type,
        "title": notice.title,
        "message": notice.message,
        "data": json.loads(notice.data),
        "isRead": False,
        "isDelivered": False,
        "createdAt": "2026-11-23T23:40:01.123Z",
        "eventId": str(notice.event_id),
    }
    check_event("notification", notification)


SAID = {"message": "The group is deleted."}
LEFT = {"RateLimit-Policy": '"calls";q=200;w=2', "RateLimit": '"calls";r=199;t=1'}
JSON = {"Content-Type": "application/json", **LEFT}
GROUP = "/v1/groups/019aa63f-6b2e-7c41-9a0e-3f1d5b8c7a90"


def test_an_answer_that_keeps_the_contract_passes() -> None:
    check_answer("DELETE", GROUP, 200, JSON, SAID)
    check_event("closed", {"reason": "too_many_streams"})


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (204, JSON, SAID),
        (200, JSON, {}),
        (200, JSON, {**SAID, "internal": 1}),
        (200, JSON, {"message": None}),
        (200, {"Content-Type": "text/plain", **LEFT}, SAID),
        (200, {"Content-Type": "application/json"}, SAID),
        (503, {"Content-Type": "application/problem+json"}, None),
    ],
)
def test_an_answer_that_breaks_the_contract_is_noticed(
    status: int, headers: dict[str, str], body: object
) -> None:
    with pytest.raises(Breach):
        check_answer("DELETE", GROUP, status, headers, body)


def test_an_unlisted_code_is_noticed() -> None:
    headers = {"Content-Type": "application/problem+json"}
    body = {"type": "about:blank", "title": "No", "status": 404, "detail": "No.", "code": "gone"}
    with pytest.raises(Breach):
        check_answer("DELETE", GROUP, 404, headers, body)
    check_answer("DELETE", GROUP, 404, headers, {**body, "code": "group_not_found"})


def test_an_event_that_breaks_the_contract_is_noticed() -> None:
    for name, data in (("closed", {"reason": "tired"}), ("shouted", {}), ("heartbeat", {})):
        with pytest.raises(Breach):
            check_event(name, data)
