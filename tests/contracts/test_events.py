"""Published events are frozen: readers of yesterday's events must be able to read today's, and
the other way round.

`published/` keeps one example of each version, for ever; `contracts/frozen/` its schema.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from cloudevents.core.bindings import rabbitmq

from contracts.compatibility import broken_by_code, schema_of
from services.notifier.inbox.translations import translate
from shared.events.catalogue import catalogue
from shared.events.envelope import CONTENT_TYPE, decode, encode
from shared.events.registry import FACTS

HERE = Path(__file__).parent
PUBLISHED = {path.stem: path for path in sorted((HERE / "published").glob("*.json"))}
FROZEN = {path.stem: path for path in (HERE.parents[1] / "contracts/frozen").glob("*.json")}


def paths(value: Any, path: str = "") -> set[str]:
    """The paths of all fields in a JSON value; those of lists' items meet in one."""
    if isinstance(value, dict):
        return {path}.union(*(paths(inner, f"{path}.{key}") for key, inner in value.items()))
    if isinstance(value, list):
        return {path}.union(*(paths(inner, f"{path}[]") for inner in value))
    return {path}


def test_every_published_version_has_its_example_and_every_example_its_version() -> None:
    assert set(PUBLISHED) == set(FACTS) == set(FROZEN)


@pytest.mark.parametrize("type_", PUBLISHED)
def test_an_event_published_once_can_be_read_for_ever(type_: str) -> None:
    event = decode(PUBLISHED[type_].read_bytes())
    assert event.type == type_
    assert isinstance(event.fact, FACTS[type_])


@pytest.mark.parametrize("type_", PUBLISHED)
def test_what_is_published_today_still_says_all_of_it(type_: str) -> None:
    published = json.loads(PUBLISHED[type_].read_text())
    today = json.loads(encode(decode(PUBLISHED[type_].read_bytes())))
    assert paths(published) <= paths(today)
    for attribute in published.keys() - {"data"}:
        assert today[attribute] == published[attribute]


def test_no_published_version_breaks_its_readers() -> None:
    assert not broken_by_code()


@pytest.mark.parametrize("type_", FACTS)
def test_a_field_that_joined_is_frozen_too(type_: str) -> None:
    assert json.loads(FROZEN[type_].read_text()) == schema_of(FACTS[type_]), "make freeze-events"


def test_every_example_of_a_group_or_chat_tells_somebody_something() -> None:
    for type_, path in PUBLISHED.items():
        notice = translate(decode(path.read_bytes()))
        tells_nobody = type_.startswith("notifier.") or type_.endswith(".person.erased.v1")
        assert (notice is None) == tells_nobody, type_


def test_the_page_of_events_says_what_is_published() -> None:
    page = HERE.parents[1] / "docs" / "events.md"
    assert page.read_text() == catalogue(), "run `make event-catalogue`"


@pytest.mark.parametrize("type_", PUBLISHED)
def test_the_cloudevents_sdk_reads_what_we_publish(type_: str) -> None:
    event = decode(PUBLISHED[type_].read_bytes())
    read = rabbitmq.from_rabbitmq_event(rabbitmq.RabbitMQMessage({}, CONTENT_TYPE, encode(event)))
    assert (read.get_id(), read.get_type(), read.get_time()) == (str(event.id), type_, event.time)
    assert read.get_specversion() == "1.0"
    assert read.get_source() == event.source
    assert read.get_datacontenttype() == "application/json"
    subject = event.fact.subject
    assert read.get_subject() == (None if subject is None else str(subject))
    assert read.get_data() == json.loads(PUBLISHED[type_].read_text())["data"]


@pytest.mark.parametrize("type_", PUBLISHED)
def test_we_read_what_the_cloudevents_sdk_publishes(type_: str) -> None:
    event = decode(PUBLISHED[type_].read_bytes())
    theirs = rabbitmq.from_rabbitmq_event(rabbitmq.RabbitMQMessage({}, CONTENT_TYPE, encode(event)))
    sent = rabbitmq.to_structured_event(theirs)
    assert sent.content_type == CONTENT_TYPE
    assert decode(sent.body) == event
