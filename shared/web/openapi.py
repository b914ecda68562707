"""The OpenAPI 3.1 document of a route table: what is served, said in the field's language.

https://spec.openapis.org/oas/v3.1.1.html
"""

import inspect
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from shared.web.contract import Events, Operation, Paged, Parameter, operation_of
from shared.web.problems import Handler
from shared.web.refusals import refusals_of, responses
from shared.web.shapes import Pagination, Problem

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
    schemas = _Schemas(door for _, door in declared)
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
            "securitySchemes": _SECURITY,
        },
    }


def add_openapi(app: web.Application) -> None:
    """Serve the document of the application's own doors, to whoever asks."""

    async def document(request: web.Request) -> web.Response:
        return web.json_response(describe(request.app.router.routes()))

    app.router.add_get(PATH, document)


class _Plain(GenerateJsonSchema):
    """Without a title for each field: their names say it."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


class _Schemas:
    """The schema of every shape, each under its name."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        shapes: dict[int, tuple[Any, Any]] = {}
        for each in operations:
            for answer in each.answers.values():
                shapes |= {id(shape): (shape, "serialization") for shape in _shapes(answer)}
            if each.body is not None:
                shapes[id(each.body)] = (each.body, "validation")
        for shape in (Pagination, Problem):
            shapes[id(shape)] = (shape, "serialization")
        made, definitions = TypeAdapter.json_schemas(
            [(key, mode, TypeAdapter(shape)) for key, (shape, mode) in shapes.items()],
            by_alias=True,
            ref_template="#/components/schemas/{model}",
            schema_generator=_Plain,
        )
        self.components: JsonSchemaValue = definitions.get("$defs", {})
        self._made = {key: schema for (key, _), schema in made.items()}

    def of(self, shape: Any) -> JsonSchemaValue:
        return self._made[id(shape)]

    def words(self, schema: JsonSchemaValue) -> str:
        """What the schema is, in a line."""
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        described = self.components.get(name, schema).get("description", "")
        return str(described).partition("\n")[0] or "Done."


def _shapes(answer: Any) -> list[Any]:
    if isinstance(answer, Paged):
        return [answer.shape]
    return list(answer.shapes.values()) if isinstance(answer, Events) else [answer]


def _operation(door: Operation, schemas: _Schemas) -> Json:
    made: Json = {"security": [{"bearer": []}, *([{"ticket": []}] if door.takes_ticket else [])]}
    if door.parameters:
        made["parameters"] = [_parameter(each) for each in door.parameters]
    if door.body is not None:
        content = {"application/json": {"schema": schemas.of(door.body)}}
        made["requestBody"] = {"required": True, "content": content}
    answers = {str(status): _answer(answer, schemas) for status, answer in door.answers.items()}
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


def _answer(answer: Any, schemas: _Schemas) -> Json:
    if isinstance(answer, Events):
        return {
            "description": inspect.cleandoc(answer.description),
            "content": {
                "text/event-stream": {
                    "schema": {"type": "string"},
                    "x-events": {n: schemas.of(shape) for n, shape in answer.shapes.items()},
                }
            },
        }
    if isinstance(answer, Paged):
        schema = _page(answer.things, schemas.of(answer.shape))
        words = f"A page of {answer.things}."
    else:
        schema = schemas.of(answer)
        words = schemas.words(schema)
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _page(things: str, item: JsonSchemaValue) -> Json:
    return {
        "type": "object",
        "properties": {
            things: {"type": "array", "maxItems": 100, "items": item},
            "pagination": {"$ref": "#/components/schemas/Pagination"},
        },
        "required": [things, "pagination"],
    }


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
