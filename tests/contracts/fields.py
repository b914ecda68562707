"""What the published versions promise, field by field: `python -m tests.contracts.fields`."""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from shared.events.fact import Fact
from shared.events.registry import FACTS

Schema = Mapping[str, Any]


def fields_of(fact: type[Fact]) -> dict[str, str]:
    """Each field's path and whether it is required and of which kind."""
    schema = fact.model_json_schema(by_alias=True)
    return dict(_fields(schema, schema.get("$defs", {}), ""))


def _fields(schema: Schema, parts: Mapping[str, Schema], path: str) -> Iterator[tuple[str, str]]:
    required = set(schema.get("required", ()))
    for name, field in schema.get("properties", {}).items():
        need = "required" if name in required else "optional"
        yield f"{path}{name}", f"{need} {_kind(field)}"
        for inner in _inside(field):
            yield from _fields(parts[inner], parts, f"{path}{name}.")


def _kind(field: Schema) -> str:
    if "$ref" in field:
        return "object"
    if "anyOf" in field:
        return " or ".join(_kind(option) for option in field["anyOf"])
    if "enum" in field:
        return "one of " + ", ".join(field["enum"])
    return str(field.get("format") or field.get("type") or "JSON")


def _inside(field: Schema) -> Iterator[str]:
    """The names of the parts that a field holds: itself, as an option, or as an item."""
    if "$ref" in field:
        name = str(field["$ref"]).rpartition("/")[2]
        if name != "JsonValue":
            yield name
    for option in field.get("anyOf", ()):
        yield from _inside(option)
    if isinstance(field.get("items"), dict):
        yield from _inside(field["items"])


if __name__ == "__main__":
    promised = {type_: fields_of(fact) for type_, fact in FACTS.items()}
    sys.stdout.write(json.dumps(promised, indent=2) + "\n")
