"""Published events are frozen: readers of yesterday's events must be able to read today's, and
the other way round.

`published/` keeps one example of each version, for ever. `fields.json` lists what each version
promises; `python -m tests.contracts.fields > tests/contracts/fields.json` adds new versions and new
optional fields to it.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from services.notifier.inbox.translations import translate
from shared.events.catalogue import catalogue
from shared.events.envelope import decode, encode
from shared.events.registry import FACTS
from tests.contracts.fields import fields_of

HERE = Path(__file__).parent
PUBLISHED = {path.stem: path for path in sorted((HERE / "published").glob("*.json"))}
FROZEN: dict[str, dict[str, str]] = json.loads((HERE / "fields.json").read_text())


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


@pytest.mark.parametrize("type_", FACTS)
def test_a_published_version_loses_no_field_and_asks_for_no_new_one(type_: str) -> None:
    today, frozen = fields_of(FACTS[type_]), FROZEN[type_]
    changed = {name: kind for name, kind in frozen.items() if today.get(name) != kind}
    assert not changed, f"{type_} is frozen; publish a new version instead"
    joined = {name: kind for name, kind in today.items() if name not in frozen}
    assert not [name for name, kind in joined.items() if kind.startswith("required")]
    assert not joined, "optional fields may join: add them to fields.json"


def test_every_example_of_a_group_or_chat_tells_somebody_something() -> None:
    for type_, path in PUBLISHED.items():
        notice = translate(decode(path.read_bytes()))
        assert (notice is None) == type_.startswith("notifier."), type_


def test_the_page_of_events_says_what_is_published() -> None:
    page = HERE.parents[1] / "docs" / "events.md"
    assert page.read_text() == catalogue(), "run `make event-catalogue`"
