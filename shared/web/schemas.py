"""The JSON schemas of everything that doors take and give, each under its name."""

from collections.abc import Iterable
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from shared.web.contract import Events, Operation, Paged
from shared.web.shapes import Pagination, Problem


class _Plain(GenerateJsonSchema):
    """Without a title for each field: their names say it."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


class Schemas:
    """Those of `operations`; `components` are the named ones."""

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
        """The schema of a shape, or a reference to it."""
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


def page_schema(things: str, item: JsonSchemaValue) -> JsonSchemaValue:
    """A page of `item`s under the name `things`."""
    return {
        "type": "object",
        "properties": {
            things: {"type": "array", "maxItems": 100, "items": item},
            "pagination": {"$ref": "#/components/schemas/Pagination"},
        },
        "required": [things, "pagination"],
    }
