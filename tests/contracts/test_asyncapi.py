"""The contract of events: complete, valid, and said in docs/asyncapi.json as it is published."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from contracts.__main__ import text_of
from contracts.asyncapi import document
from services.notifier.shapes.events import EVENTS
from shared.events.registry import FACTS

HERE = Path(__file__).parent
DOCUMENT = document()


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_the_document_is_valid_asyncapi() -> None:
    schema = json.loads((HERE / "asyncapi" / "3.0.0.json").read_text())
    jsonschema_rs.Draft7Validator(schema).validate(DOCUMENT)


def test_the_judge_refuses_what_is_no_asyncapi() -> None:
    schema = json.loads((HERE / "asyncapi" / "3.0.0.json").read_text())
    for wrong in ({"channels": {"log": 7}}, {"operations": {"log": {"action": "shout"}}}):
        with pytest.raises(jsonschema_rs.ValidationError):
            jsonschema_rs.Draft7Validator(schema).validate({**DOCUMENT, **wrong})


def test_the_checked_in_document_is_what_is_published() -> None:
    file = HERE.parents[1] / "docs" / "asyncapi.json"
    assert file.read_text() == text_of(DOCUMENT), "run `make asyncapi`"


def test_every_reference_leads_somewhere() -> None:
    for reference in set(references(DOCUMENT)):
        found: Any = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        assert isinstance(found, dict)


def test_every_fact_and_every_event_of_the_stream_is_in_it() -> None:
    assert set(DOCUMENT["channels"]["log"]["messages"]) == set(FACTS)
    assert set(DOCUMENT["channels"]["stream"]["messages"]) == set(EVENTS)
    assert set(FACTS) | {"log", "stream"} == set(DOCUMENT["channels"])


@pytest.mark.parametrize("type_", FACTS)
def test_what_was_published_fits_what_is_said_of_it(type_: str) -> None:
    message = DOCUMENT["components"]["messages"][type_]
    schema = {**message["payload"], "components": DOCUMENT["components"]}
    validator = jsonschema_rs.Draft7Validator(schema, validate_formats=True)
    [example] = message["examples"]
    validator.validate(example["payload"])
    for attribute in ("id", "time", "data", "specversion"):
        lacking = {name: v for name, v in example["payload"].items() if name != attribute}
        with pytest.raises(jsonschema_rs.ValidationError):
            validator.validate(lacking)
