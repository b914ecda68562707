"""The envelope: CloudEvents 1.0 in structured JSON, and what readers do with the unknown."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.events.chat import MessageSent
from shared.events.envelope import Event, Undecodable, UnknownFact, decode, encode, new_event
from shared.events.notifier import Delivery, NotificationDelivered
from shared.ids import uuid7
from tests.builders import a_message_sent


def sent(event: Event | None = None) -> Any:
    return json.loads(encode(event or new_event(a_message_sent())))


def test_an_envelope_has_the_attributes_that_cloudevents_asks_for() -> None:
    event = new_event(a_message_sent(content="Hello"))
    envelope = sent(event)
    assert envelope["specversion"] == "1.0"
    assert envelope["id"] == str(event.id)
    assert envelope["source"] == "circles/chat"
    assert envelope["type"] == "chat.message.sent.v1"
    assert envelope["datacontenttype"] == "application/json"
    assert isinstance(event.fact, MessageSent)
    assert envelope["subject"] == str(event.fact.group.id)
    assert datetime.fromisoformat(envelope["time"]) == event.time
    assert envelope["data"]["message"]["content"] == "Hello"


def test_attributes_without_a_value_are_left_out() -> None:
    delivery = Delivery(user_id="bob", group_id=uuid7(), up_to_seq=1)
    envelope = sent(new_event(NotificationDelivered(deliveries=(delivery,))))
    assert "subject" not in envelope
    assert "traceparent" not in envelope


def test_a_trace_travels_along() -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    event = new_event(a_message_sent(), trace)
    assert sent(event)["traceparent"] == trace
    assert decode(encode(event)) == event


def test_names_are_camel_case_on_the_wire() -> None:
    data = sent()["data"]
    assert {"clientMessageId", "createdAt"} <= set(data["message"])
    assert set(data["actor"]) == {"userId", "name"}


@settings(max_examples=50, deadline=None)
@given(content=st.text(), seq=st.integers(1, 2**53), at=st.datetimes(timezones=st.just(UTC)))
def test_whatever_is_recorded_is_read_back_the_same(content: str, seq: int, at: datetime) -> None:
    event = replace(new_event(a_message_sent(content=content, seq=seq)), time=at)
    assert decode(encode(event)) == event


def test_fields_that_a_reader_does_not_know_are_ignored() -> None:
    event = new_event(a_message_sent())
    envelope = sent(event)
    envelope["newattribute"] = 1
    envelope["data"]["newField"] = {"deep": []}
    envelope["data"]["message"]["newField"] = None
    assert decode(json.dumps(envelope).encode()) == event


@pytest.mark.parametrize("type_", ["chat.message.sent.v2", "chat.message.starred.v1", ""])
def test_a_type_that_a_reader_does_not_know_is_told_apart_from_a_broken_one(type_: str) -> None:
    envelope = sent() | {"type": type_, "data": {"anything": 1}}
    with pytest.raises(UnknownFact):
        decode(json.dumps(envelope).encode())


def changed(**attributes: object) -> bytes:
    envelope = sent() | attributes
    return json.dumps({k: v for k, v in envelope.items() if v is not ...}).encode()


def with_data(change: Callable[[Any], object]) -> bytes:
    envelope = sent()
    change(envelope["data"])
    return json.dumps(envelope).encode()


BROKEN = {
    "nothing": b"",
    "not JSON": b"hello",
    "not UTF-8": b"\xff\xfe{}",
    "not an object": b"[]",
    "cut short": encode(new_event(a_message_sent()))[:-1],
    "another version of CloudEvents": changed(specversion="0.3"),
    "no id": changed(id=...),
    "an id that is none": changed(id="x"),
    "no time": changed(time=...),
    "a time without a zone": changed(time="2026-11-23T23:40:01"),
    "no data": changed(data=...),
    "data that is text": changed(data="{}"),
    "a type that is a number": changed(type=1),
    "no message": with_data(lambda data: data.pop("message")),
    "a seq of 0": with_data(lambda data: data["message"].update(seq=0)),
    "an empty user id": with_data(lambda data: data.update(audience=[""])),
    "too large an audience": with_data(
        lambda data: data.update(audience=[str(n) for n in range(1025)])
    ),
    "a number that is none": encode(new_event(a_message_sent(seq=7))).replace(
        b'"seq":7', b'"seq":NaN'
    ),
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
def test_what_breaks_the_contract_is_refused(body: bytes) -> None:
    with pytest.raises(Undecodable):
        decode(body)


def test_a_refusal_names_no_place_where_there_is_none() -> None:
    with pytest.raises(Undecodable, match=r"^not a valid CloudEvents envelope: Invalid JSON"):
        decode(b"no event")


def test_a_refusal_stays_on_one_line() -> None:
    body = encode(new_event(a_message_sent())).replace(b'"id":"', b'"id":"\xe2\x80\xa8', 1)
    with pytest.raises(Undecodable) as refusal:
        decode(body)
    assert str(refusal.value).isprintable()


def test_a_refusal_does_not_repeat_what_people_wrote() -> None:
    body = with_data(lambda data: data["message"].update(seq=0, content="a secret"))
    with pytest.raises(Undecodable) as refusal:
        decode(body)
    assert "data.message.seq" in str(refusal.value)
    assert "secret" not in str(refusal.value)
