"""The OpenAPI 3.1 document of a route table: what is served, said in the field's language.

https://spec.openapis.org/oas/v3.1.1.html
"""

import inspect
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web
from pydantic_core import to_json

from shared.web.contract import Events, Operation, Paged, Parameter, operation_of
from shared.web.problems import Handler
from shared.web.refusals import (
    headers_of_limits,
    refusals_of,
    responses,
    told_what_is_left,
)
from shared.web.schemas import Schemas, page_schema

Json = dict[str, Any]

PATH = "/openapi.json"
_INFO = {
    "title": "Circles",
    "version": "1",
    "summary": "Group chat with receipts and a notification inbox, live over plain HTTP.",
}
_SECURITY = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "Whoever issues your tokens: `sub` is the user id, `name` the display name.",
    },
    "ticket": {
        "type": "apiKey",
        "in": "query",
        "name": "ticket",
        "description": "From `POST /v1/sse/ticket`; opens streams and polls, for browsers' "
        "`EventSource`, which sends no headers.",
    },
}


def describe(routes: Iterable[web.AbstractRoute]) -> Json:
    """The document of all declared doors among `routes`."""
    declared = [
        (route, door)
        for route in routes
        if route.method != "HEAD" and (door := operation_of(route)) is not None
    ]
    schemas = Schemas(door for _, door in declared)
    paths: dict[str, Json] = defaultdict(dict)
    tags: dict[str, str] = {}
    for route, door in declared:
        assert route.resource is not None
        path = route.resource.canonical
        name, words = _tag(route.handler)
        tags[name] = words
        paths[path][route.method.lower()] = {
            "tags": [name],
            **_words(route.handler),
            **_operation(door, schemas),
        }
        _check_path(path, door)
    return {
        "openapi": "3.1.1",
        "info": _INFO,
        "tags": [{"name": name, "description": words} for name, words in tags.items()],
        "paths": dict(paths),
        "components": {
            "schemas": schemas.components,
            "responses": responses(),
            "headers": headers_of_limits(),
            "securitySchemes": _SECURITY,
        },
    }


def add_openapi(app: web.Application) -> None:
    """Serve the document of the application's own doors, to whoever asks."""

    # Made when somebody asks, and once: it takes a tenth of a second of the loop that serves all.
    made: list[bytes] = []

    async def document(request: web.Request) -> web.Response:
        if not made:
            made.append(to_json(describe(request.app.router.routes())))
        return web.Response(body=made[0], content_type="application/json")

    app.router.add_get(PATH, document)


def _operation(door: Operation, schemas: Schemas) -> Json:
    made: Json = {"security": [{"bearer": []}, *([{"ticket": []}] if door.takes_ticket else [])]}
    if door.parameters:
        made["parameters"] = [_parameter(each) for each in door.parameters]
    if door.body is not None:
        content = {"application/json": {"schema": schemas.of(door.body)}}
        made["requestBody"] = {"required": True, "content": content}
    answers = {
        str(status): _answer(answer, schemas) | told_what_is_left()
        for status, answer in door.answers.items()
    }
    made["responses"] = answers | refusals_of(door)
    return made


def _parameter(each: Parameter) -> Json:
    made: Json = {
        "name": each.name,
        "in": each.place,
        "description": each.description,
        "required": each.required,
        "schema": dict(each.schema),
    }
    # Written as one value: `a,b`.
    return made | {"style": "form", "explode": False} if each.is_list else made


def _answer(answer: Any, schemas: Schemas) -> Json:
    if isinstance(answer, Events):
        return {
            "description": inspect.cleandoc(answer.description),
            "content": {
                "text/event-stream": {
                    "schema": {"type": "string"},
                    "example": answer.example,
                    "x-events": {n: schemas.of(shape) for n, shape in answer.shapes.items()},
                }
            },
        }
    if isinstance(answer, Paged):
        schema = page_schema(answer.things, schemas.of(answer.shape))
        words = f"A page of {answer.things}."
    else:
        schema = schemas.of(answer)
        words = schemas.words(schema)
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _words(door: Handler) -> Mapping[str, str]:
    summary, _, more = (inspect.getdoc(door) or "").partition("\n")
    module = door.__module__.rpartition(".")[2]
    # Handlers are functions; their type says less.
    words = {"operationId": f"{module}_{getattr(door, '__name__', '')}", "summary": summary}
    return words | ({"description": more.strip()} if more else {})


def _tag(door: Handler) -> tuple[str, str]:
    """Doors of one module belong together."""
    module = inspect.getmodule(door)
    name = door.__module__.rpartition(".")[2].replace("_", " ").capitalize()
    return name, inspect.getdoc(module) or ""


def _check_path(path: str, door: Operation) -> None:
    names = {part[1:-1] for part in path.split("/") if part.startswith("{")}
    declared = {each.name for each in door.parameters if each.place == "path"}
    if names != declared:
        raise ValueError(f"{path} has {sorted(names)}, and its door declares {sorted(declared)}")
