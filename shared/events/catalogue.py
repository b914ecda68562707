"""docs/events.md, made from the registry: `python -m shared.events.catalogue > docs/events.md`."""

import inspect
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from shared.events.fact import Fact
from shared.events.registry import FACTS

_HEAD = """# Events

Made from `shared/events` by `make event-catalogue`; do not edit.

Each fact travels as a CloudEvents 1.0 envelope in structured JSON. Its `type` is also its routing
key on the exchange `circles.events`; `id` is the same on every redelivery and replay: the key for
deduplication; `subject` is the group's id, and facts with the same subject are published in the
order of commits. Readers ignore fields that they do not know and park types that they do not know.
A published version is frozen: optional fields may join it, anything else is a new version.
"""


def _kind(schema: Mapping[str, Any]) -> str:
    """A field's type in words, from its JSON schema."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(_kind(option) for option in schema["anyOf"])
    if "enum" in schema:
        return " \\| ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "JSON")


def _table(schema: Mapping[str, Any]) -> Iterator[str]:
    required = set(schema.get("required", ()))
    yield "| field | type | required |"
    yield "|---|---|---|"
    for name, field in schema.get("properties", {}).items():
        yield f"| `{name}` | {_kind(field)} | {'yes' if name in required else 'no'} |"


def _fact(type_: str, fact: type[Fact]) -> Iterator[str]:
    yield f"\n## {type_}\n"
    yield inspect.getdoc(fact) or ""
    yield ""
    yield from _table(fact.model_json_schema(by_alias=True))


def _values() -> Iterator[str]:
    """The parts of which facts are made, each once."""
    parts: dict[str, Mapping[str, Any]] = {}
    for fact in FACTS.values():
        parts |= fact.model_json_schema(by_alias=True).get("$defs", {})
    yield "\n# Parts"
    for name, schema in sorted(parts.items()):
        if schema.get("properties"):
            yield f"\n## {name}\n"
            yield from _table(schema)


def catalogue() -> str:
    """The whole page."""
    lines = [_HEAD.rstrip()]
    for type_, fact in FACTS.items():
        lines += _fact(type_, fact)
    lines += _values()
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(catalogue())
