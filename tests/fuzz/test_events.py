"""The decoder of events: what the published schemas allow is read, and nothing else is; whatever
comes, a consumer hears of it by the decoder's own errors, which park one event and no other."""

import copy
import json
from datetime import UTC, timedelta, timezone
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.compatibility import FROZEN, ROOT
from shared.events.envelope import Event, Undecodable, UnknownFact, decode, encode
from shared.events.registry import FACTS
from tests.fuzz.effort import Effort, examples

Json = dict[str, Any]

SCHEMAS: dict[str, Json] = {
    type_: json.loads((ROOT / FROZEN / f"{type_}.json").read_text()) for type_ in FACTS
}
VALIDATORS = {
    type_: jsonschema_rs.Draft202012Validator(schema) for type_, schema in SCHEMAS.items()
}
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
MOMENTS = st.datetimes(
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45)), timezone.min])
).map(lambda moment: moment.isoformat())


def allowed_by(schema: Json) -> st.SearchStrategy[Any]:
    """Values that a frozen schema allows."""
    if "anyOf" in schema:
        return st.one_of([allowed_by(each) for each in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema.get("type"):
        case "object" if "properties" in schema:
            fields = {name: allowed_by(each) for name, each in schema["properties"].items()}
            must = set(schema.get("required", ()))
            return st.fixed_dictionaries(
                {name: each for name, each in fields.items() if name in must},
                optional={name: each for name, each in fields.items() if name not in must},
            )
        case "object":
            inner = schema.get("additionalProperties")
            # true and {} are both: anything.
            values = allowed_by(inner) if isinstance(inner, dict) and inner else ANYTHING
            return st.dictionaries(st.text(), values, max_size=4)
        case "array":
            low, high = schema.get("minItems", 0), schema.get("maxItems", 4)
            return st.lists(allowed_by(schema["items"]), min_size=low, max_size=min(high, 4))
        case "integer":
            return st.integers(schema.get("minimum"), schema.get("maximum"))
        case "string" if schema.get("format") == "uuid":
            return st.uuids().map(str)
        case "string" if schema.get("format") == "date-time":
            return MOMENTS
        case "string":
            return st.text(min_size=schema.get("minLength", 0), max_size=schema.get("maxLength"))
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case other:
            raise AssertionError(f"a schema of a kind that no event had so far: {other}")


DATA = {type_: allowed_by(schema) for type_, schema in SCHEMAS.items()}


@st.composite
def envelopes(draw: st.DrawFn) -> Json:
    """An envelope that keeps the contract of its type, with attributes that no reader knows."""
    type_ = draw(st.sampled_from(sorted(SCHEMAS)))
    envelope: Json = {
        "specversion": "1.0",
        "id": str(draw(st.uuids())),
        "source": draw(st.text()),
        "type": type_,
        "time": draw(MOMENTS),
        "data": draw(DATA[type_]),
    }
    if draw(st.booleans()):
        envelope["traceparent"] = draw(st.none() | st.text())
    envelope |= {
        f"x{name}": value for name, value in draw(st.dictionaries(st.text(), ANYTHING)).items()
    }
    return envelope


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value inside."""
    if not isinstance(value, dict | list):
        return []
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, each in inner:
        found += [(*path, key), *places(each, (*path, key))]
    return found


WRONG = ANYTHING | st.sampled_from(
    [
        *("", "1", "7.0", "true", "null", "\0", "x" * 129, "1764000000", "2026-11-23T23:40:01"),
        *(-1, 0, 7.0, 1e300, 10**400, [], [[]], {}, [None], True, "\u2028"),
    ]
)


@st.composite
def changed(draw: st.DrawFn) -> bytes:
    """An envelope in which something is missing, doubled or of another kind."""
    envelope = copy.deepcopy(draw(envelopes()))
    for _ in range(draw(st.integers(1, 3))):
        found = places(envelope)
        if not found:
            break
        *path, last = draw(st.sampled_from(found))
        parent: Any = envelope
        for key in path:
            parent = parent[key]
        if draw(st.booleans()):
            # The lists of WRONG are the same objects each time: put into itself, one has no end.
            parent[last] = copy.deepcopy(draw(WRONG))
        else:
            del parent[last]
    return json.dumps(envelope, ensure_ascii=draw(st.booleans())).encode(errors="replace")


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """The bytes of an envelope, cut, flipped, repeated, in another encoding, or nested too deep."""
    body = json.dumps(draw(envelopes())).encode()
    place = draw(st.integers(0, len(body)))
    match draw(st.integers(0, 6)):
        case 0:
            return body[:place]
        case 1:
            return body[:place] + draw(st.binary(min_size=1, max_size=8)) + body[place:]
        case 2:
            return body[:place] + draw(st.binary(min_size=1, max_size=3)) + body[place + 1 :]
        case 3:
            return body.decode().encode(draw(st.sampled_from(["utf-16", "utf-32", "utf-8-sig"])))
        case 4:
            depth = draw(st.sampled_from([50, 300, 100_000]))
            return body.replace(
                b'"data":', b'"deep":' + b"[" * depth + b"]" * depth + b',"data":', 1
            )
        case 5:
            return body + body
        case _:
            return draw(st.binary(max_size=200))


def read(body: bytes) -> Event | str:
    """The event, or the name of the decoder's own error: any other fails the test."""
    try:
        return decode(body)
    except (Undecodable, UnknownFact) as refusal:
        # It goes into a header of the broker and into logs.
        assert str(refusal).isprintable()
        return type(refusal).__name__


def keeps_its_contract(event: Event) -> bool:
    """Whether what we would publish of it is what was published for its type."""
    envelope = json.loads(encode(event))
    return VALIDATORS[event.type].is_valid(envelope["data"]) and decode(encode(event)) == event


def test_what_a_schema_allows_is_read_and_written_again_the_same(effort: Effort) -> None:
    for figures in effort.rounds("events"):

        @examples(60)
        @given(envelope=envelopes())
        def valid(envelope: Json) -> None:
            event = read(json.dumps(envelope).encode())
            assert isinstance(event, Event), event
            assert keeps_its_contract(event)
            assert str(event.id) == envelope["id"]
            figures.count("read")  # noqa: B023 - called within the round

        @examples(120)
        @given(body=changed() | spoilt())
        def invalid(body: bytes) -> None:
            event = read(body)
            if isinstance(event, Event):
                # It was harmless: then its data are what the schema allows.
                assert VALIDATORS[event.type].is_valid(json.loads(body)["data"])
                assert keeps_its_contract(event)
            figures.count("read" if isinstance(event, Event) else event)  # noqa: B023

        valid()
        invalid()


@pytest.mark.parametrize("written", ["7", '"7"', "7.0", "7e0", "true", "null", "[7]"])
def test_a_number_is_written_as_a_number(written: str) -> None:
    """Or what one reader takes for 7, another would refuse."""
    example = json.loads((ROOT / "tests/contracts/published/chat.message.sent.v1.json").read_text())
    example["data"]["message"]["seq"] = "here"
    body = json.dumps(example).replace('"here"', written).encode()
    assert isinstance(read(body), Event) == (written == "7")
