"""The contract to read: one static page, without a script, made from the OpenAPI document."""

import json
from collections import defaultdict
from collections.abc import Iterator
from html import escape
from typing import Any

from contracts.examples import Examples

Json = dict[str, Any]

_HEAD = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Circles: the HTTP API</title>
<link rel="stylesheet" href="/docs/style.css">
"""
_INTRODUCTION = """<h1>Circles</h1>
<p>Group chat with receipts and a notification inbox, live over plain HTTP. This page is made from
<a href="/openapi.json">openapi.json</a>; the events of the stream are also in
<a href="/asyncapi.json">asyncapi.json</a>.</p>
<p>Calls carry <code>Authorization: Bearer &lt;token&gt;</code>. Streams and polls take
<code>?ticket=</code> instead, where a browser can send no headers. Every refusal is a
<a href="#Problem">problem</a>: <code>code</code> is for programs, <code>detail</code> for people.
Besides those that an operation lists, each may answer the <a href="#refusals">refusals of all</a>.
</p>
"""


def page(document: Json) -> str:
    """The whole page."""
    return "".join(_Page(document).parts())


class _Page:
    def __init__(self, document: Json) -> None:
        self._document = document
        self._schemas: Json = document["components"]["schemas"]
        self._examples = Examples(self._schemas)
        self._by_tag: dict[str, list[tuple[str, str, Json]]] = defaultdict(list)
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                self._by_tag[operation["tags"][0]].append((method.upper(), path, operation))

    def parts(self) -> Iterator[str]:
        yield _HEAD
        yield "<nav><ul>"
        for tag, operations in self._by_tag.items():
            yield f"<li><b>{escape(tag)}</b><ul>"
            for method, path, operation in operations:
                yield f'<li><a href="#{operation["operationId"]}">{method} {escape(path)}</a>'
            yield "</ul>"
        yield '<li><a href="#refusals">Refusals of all</a>'
        yield '<li><a href="#shapes">Shapes</a></ul></nav>'
        yield f"\n<main>\n{_INTRODUCTION}"
        for tag in self._document["tags"]:
            yield f"<h2>{escape(tag['name'])}</h2>\n<p>{escape(tag['description'])}</p>\n"
            for method, path, operation in self._by_tag[tag["name"]]:
                yield from self._operation(method, path, operation)
        yield from self._refusals()
        yield '<h2 id="shapes">Shapes</h2>\n'
        for name, schema in sorted(self._schemas.items()):
            yield from self._shape(name, schema)
        yield "</main>\n</html>\n"

    def _operation(self, method: str, path: str, operation: Json) -> Iterator[str]:
        yield f'<section id="{operation["operationId"]}">\n<h3><b class="{method}">{method}</b> '
        yield f"<code>{escape(path)}</code></h3>\n<p>{_words(operation['summary'])}"
        yield f" {_words(operation.get('description', ''))}</p>\n"
        if parameters := operation.get("parameters"):
            yield "<table><tr><th>parameter<th>in<th>what\n"
            for each in parameters:
                kind = _words(f"{self._kind(each['schema'])}. {each['description']}")
                yield f"<tr><td><code>{each['name']}</code><td>{each['in']}<td>{kind}\n"
            yield "</table>\n"
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            yield f"<p>Body: {self._link(schema)}</p>\n{self._sample(schema)}"
        codes = []
        for status, response in operation["responses"].items():
            if "$ref" in response:
                continue
            [(media_type, content)] = response["content"].items()
            if media_type == "application/json":
                yield f"<p>{status}: {self._link(content['schema'])}</p>\n"
                yield self._sample(content["schema"])
            elif media_type == "text/event-stream":
                yield f"<p>{status}: {_words(response['description'])}</p>\n"
                yield f"{_unfolding(content['example'])}<ul>"
                for name, schema in content["x-events"].items():
                    yield f"<li><code>{name}</code>: {self._link(schema)}{self._sample(schema)}"
                yield "</ul>\n"
            else:
                codes += [f"{status} <code>{code}</code>" for code in _codes(content["schema"])]
        if codes:
            yield f"<p>Refusals: {', '.join(codes)}.</p>\n"
        yield "</section>\n"

    def _refusals(self) -> Iterator[str]:
        yield '<h2 id="refusals">Refusals of all</h2>\n<table><tr><th>code<th>status<th>what\n'
        for response in self._document["components"]["responses"].values():
            [content] = response["content"].values()
            status = content["schema"]["allOf"][1]["properties"]["status"]["const"]
            for code in _codes(content["schema"]):
                yield f"<tr><td><code>{code}</code><td>{status}<td>{response['description']}\n"
        yield "</table>\n"

    def _shape(self, name: str, schema: Json) -> Iterator[str]:
        yield f'<h3 id="{name}">{name}</h3>\n<p>{_words(schema.get("description", ""))}</p>\n'
        if "properties" not in schema:
            yield f"<p>{_words(self._kind(schema))}</p>\n"
            return
        required = schema.get("required", [])
        yield "<table><tr><th>field<th>what\n"
        for field, inner in schema["properties"].items():
            optional = "" if field in required else " <i>optional</i>"
            words = _words(inner.get("description", ""))
            yield f"<tr><td><code>{field}</code>{optional}<td>{self._link(inner)}. {words}\n"
        yield "</table>\n"

    def _link(self, schema: Json) -> str:
        """A schema's kind, in which other shapes are links."""
        words = _words(self._kind(schema))
        for name in sorted(_named(schema), key=len, reverse=True):
            words = words.replace(f"@{name}@", f'<a href="#{name}">{name}</a>')
        return words

    def _kind(self, schema: Json) -> str:
        if "$ref" in schema:
            return f"@{schema['$ref'].rpartition('/')[2]}@"
        if options := schema.get("oneOf") or schema.get("anyOf"):
            return " or ".join(self._kind(option) for option in options)
        if "const" in schema or "enum" in schema:
            values = schema.get("enum") or [schema["const"]]
            return " or ".join(f"`{value}`" for value in values)
        if schema.get("type") == "array":
            return f"list of {self._kind(schema['items'])}"
        if schema.get("type") == "object" and "properties" in schema:
            return " and ".join(
                f"`{name}`: {self._kind(inner)}" for name, inner in schema["properties"].items()
            )
        return " ".join(filter(None, (schema.get("format"), schema.get("type", "any value")))) + (
            _bounds(schema)
        )

    def _sample(self, schema: Json) -> str:
        sample = json.dumps(self._examples.of(schema), indent=2, ensure_ascii=False)
        return _unfolding(sample)


def _unfolding(example: str) -> str:
    return f"<details><summary>Example</summary><pre>{escape(example)}</pre></details>\n"


def _bounds(schema: Json) -> str:
    low = schema.get("minimum", schema.get("minLength"))
    high = schema.get("maximum", schema.get("maxLength"))
    said = [f"from {low}"] if low is not None else []
    said += [f"up to {high}"] if high is not None else []
    said += [f"by default {schema['default']}"] if schema.get("default") is not None else []
    return f" ({', '.join(said)})" if said else ""


def _codes(schema: Json) -> list[str]:
    codes: list[str] = schema["allOf"][1]["properties"]["code"]["enum"]
    return codes


def _named(value: Any) -> set[str]:
    """The names of the schemas that a schema refers to."""
    if isinstance(value, dict):
        own = {str(value["$ref"]).rpartition("/")[2]} if "$ref" in value else set()
        return own.union(*(_named(inner) for inner in value.values()))
    return set().union(*map(_named, value)) if isinstance(value, list) else set()


def _words(text: str) -> str:
    """Text with `code` in it, as HTML."""
    parts = escape(text, quote=False).split("`")
    return "".join(f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(parts))
