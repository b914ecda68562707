"""The AsyncAPI 3 document: every published fact, and the events of the live stream.

https://www.asyncapi.com/docs/reference/specification/v3.0.0
"""

import inspect
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from services.notifier.shapes.events import EVENTS
from shared.events.envelope import CONTENT_TYPE
from shared.events.fact import Fact, GroupFact
from shared.events.registry import FACTS
from shared.rabbitmq.topology import EVENTS_EXCHANGE, EVENTS_LOG

Json = dict[str, Any]

# One example of each published version, kept for ever.
PUBLISHED = Path(__file__).parents[1] / "tests" / "contracts" / "published"

_INFO = {
    "title": "Circles",
    "version": "1",
    "description": "What happens in Circles, as facts on RabbitMQ for services and as a live "
    "stream over HTTP for clients.\n\nReaders ignore fields they don't know and leave alone "
    "types they don't know. A published version is frozen: optional fields may join it, anything "
    "else is a new version beside it. `id` is the same on every redelivery and replay: the key for "
    "deduplication. Facts with the same `subject`, the group, come in the order of commits.",
}
_SERVERS = {
    "broker": {
        "host": "localhost:5672",
        "pathname": "/circles",
        "protocol": "amqp",
        "protocolVersion": "0-9-1",
        "description": "RabbitMQ; a service attaches with a user of its own.",
    },
    "gateway": {"host": "localhost:8080", "protocol": "http", "description": "The one door."},
}
_EXCHANGE = {
    "is": "routingKey",
    "exchange": {
        "name": EVENTS_EXCHANGE,
        "type": "topic",
        "durable": True,
        "autoDelete": False,
        "vhost": "circles",
    },
}
_LOG = {
    "is": "queue",
    "queue": {
        "name": EVENTS_LOG,
        "durable": True,
        "exclusive": False,
        "autoDelete": False,
        "vhost": "circles",
    },
}


def document() -> Json:
    """The whole document."""
    return {
        "asyncapi": "3.0.0",
        "info": _INFO,
        "defaultContentType": CONTENT_TYPE,
        "servers": _SERVERS,
        "channels": _channels(),
        "operations": _operations(),
        "components": {
            "messages": {
                **{type_: _fact(type_, fact) for type_, fact in FACTS.items()},
                **{f"stream.{name}": _event(name) for name in EVENTS},
            },
            "schemas": {
                **_schemas({fact.TYPE: fact for fact in FACTS.values()}, "{model}")[1],
                **_schemas(EVENTS, "stream.{model}")[1],
            },
        },
    }


def _ref(*path: str) -> Json:
    return {"$ref": "#/" + "/".join(path)}


def _channels() -> Json:
    facts = {
        type_: {
            "address": type_,
            "servers": [_ref("servers", "broker")],
            "messages": {type_: _ref("components", "messages", type_)},
            "bindings": {"amqp": _EXCHANGE},
        }
        for type_ in FACTS
    }
    log = {
        "address": EVENTS_LOG,
        "title": "The log",
        "description": "Every fact of the last seven days (or 5 GB), for readers that attach at "
        "any time: a RabbitMQ stream, read with `x-stream-offset`.",
        "servers": [_ref("servers", "broker")],
        "messages": {type_: _ref("components", "messages", type_) for type_ in FACTS},
        "bindings": {"amqp": _LOG},
    }
    stream = {
        "address": "/v1/sse/stream",
        "title": "The live stream",
        "description": "Server-Sent Events (`text/event-stream`) of one user. A message's name is "
        "that of the event, its payload the event's `data`. The `id:` of an event is the cursor "
        "to resume with, as `Last-Event-ID`.",
        "servers": [_ref("servers", "gateway")],
        "messages": {name: _ref("components", "messages", f"stream.{name}") for name in EVENTS},
    }
    return {**facts, "log": log, "stream": stream}


def _operations() -> Json:
    """What Circles does: it sends, and others read."""
    facts = {
        f"publish.{type_}": {
            "action": "send",
            "channel": _ref("channels", type_),
            "summary": f"Published by the {type_.partition('.')[0]} service.",
        }
        for type_ in FACTS
    }
    log = {"action": "send", "channel": _ref("channels", "log"), "summary": "Kept for replays."}
    stream = {"action": "send", "channel": _ref("channels", "stream"), "summary": "Told a user."}
    return {**facts, "log": log, "stream": stream}


def _fact(type_: str, fact: type[Fact]) -> Json:
    return {
        "name": type_,
        "title": fact.__name__,
        **_words(inspect.getdoc(fact) or ""),
        "contentType": CONTENT_TYPE,
        "tags": [{"name": type_.partition(".")[0]}],
        "payload": _envelope(type_, fact),
        "examples": [{"payload": json.loads((PUBLISHED / f"{type_}.json").read_text())}],
    }


def _envelope(type_: str, fact: type[Fact]) -> Json:
    """CloudEvents 1.0 in structured JSON."""
    properties: Json = {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "format": "uuid"},
        "source": {"const": "circles/" + type_.partition(".")[0]},
        "type": {"const": type_},
        "time": {"type": "string", "format": "date-time"},
        "datacontenttype": {"const": "application/json"},
        "traceparent": {"type": "string", "description": "W3C trace context."},
        "data": _ref("components", "schemas", fact.__name__),
    }
    required = [name for name in properties if name != "traceparent"]
    if issubclass(fact, GroupFact):
        properties["subject"] = {"type": "string", "format": "uuid", "description": "The group."}
        required.append("subject")
    return {"type": "object", "properties": properties, "required": required}


def _event(name: str) -> Json:
    schema = _schemas({name: EVENTS[name]}, "stream.{model}")[0][name]
    described = _schemas({name: EVENTS[name]}, "stream.{model}")[1].get(
        str(schema.get("$ref", "")).rpartition("/")[2], {}
    )
    return {
        "name": name,
        **_words(described.get("description", "An entry of the user's mailbox.")),
        "contentType": "application/json",
        "payload": schema,
    }


def _words(text: str) -> Json:
    summary = text.partition("\n\n")[0].replace("\n", " ")
    return {"summary": summary, **({"description": text} if text != summary else {})}


def _schemas(shapes: Mapping[str, Any], name: str) -> tuple[dict[str, Json], Json]:
    """The schema of each shape, and those of their parts, by `name`."""
    made, definitions = TypeAdapter.json_schemas(
        [(key, "validation", TypeAdapter(shape)) for key, shape in shapes.items()],
        by_alias=True,
        ref_template=f"#/components/schemas/{name}",
    )
    parts = {name.format(model=m): _plain(s) for m, s in definitions.get("$defs", {}).items()}
    return {key: _plain(schema) for (key, _), schema in made.items()}, parts


def _plain(value: Any) -> Any:
    """Without titles of fields, which say nothing, and without OpenAPI's kind of discriminator,
    which AsyncAPI does not know."""
    if isinstance(value, dict):
        drop = {"discriminator"} | ({"title"} if isinstance(value.get("title"), str) else set())
        return {key: _plain(inner) for key, inner in value.items() if key not in drop}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value
