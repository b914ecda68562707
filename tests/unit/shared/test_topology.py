"""Who may do what at the broker, as its patterns say it."""

import re

import pytest

from shared.events.registry import FACTS
from shared.rabbitmq.topology import (
    PERMISSIONS,
    SERVICE_QUEUES,
    live_queue,
    service_queue_arguments,
)

SERVICES = ("groups", "chat", "notifier")


def may(service: str, verb: str, name: str) -> bool:
    """As RabbitMQ matches: anywhere in the name, unless the pattern is anchored."""
    return re.search(getattr(PERMISSIONS[service], verb), name) is not None


@pytest.mark.parametrize("type_", FACTS)
def test_a_fact_is_published_by_the_service_it_belongs_to_alone(type_: str) -> None:
    allowed = [service for service in SERVICES if may(service, "publish_keys", type_)]
    assert allowed == [type_.partition(".")[0]]


@pytest.mark.parametrize("key", ["", "groups", "xchat.a", "chatx.a", "chat", "a.chat.b", "#"])
def test_keys_that_only_look_alike_are_nobodys(key: str) -> None:
    assert not [service for service in SERVICES if may(service, "publish_keys", key)]


@pytest.mark.parametrize(
    ("service", "verb", "allowed"),
    [
        ("groups", "configure", []),
        ("groups", "write", ["circles.events"]),
        ("groups", "read", []),
        ("chat", "configure", []),
        # `amq.default` until 0.2.0, for the version before.
        ("chat", "write", ["circles.events", "chat.own", "amq.default"]),
        ("chat", "read", ["chat.events", "chat.events.parked", "circles.events.log"]),
        ("notifier", "configure", ["notifier.live.a"]),
        (
            "notifier",
            "write",
            [
                *("circles.events", "notifier.own", "amq.default"),
                *("circles.live", "notifier.live.a"),
            ],
        ),
        (
            "notifier",
            "read",
            [
                *("notifier.events", "notifier.events.parked", "circles.events.log"),
                *("circles.live", "notifier.live.a"),
            ],
        ),
    ],
)
def test_a_service_touches_nothing_but_what_it_needs(
    service: str, verb: str, allowed: list[str]
) -> None:
    names = {
        *("circles.events", "circles.events.log", "circles.live", "amq.default", "amq.topic"),
        *(name for queue in SERVICE_QUEUES.values() for name in (queue.name, queue.parked)),
        *(queue.own_exchange for queue in SERVICE_QUEUES.values()),
        *("groups.events", "notifier.live.a", "chat.live.a", "xchat.events", "chatxevents"),
    }
    assert {name for name in names if may(service, verb, name)} == set(allowed)


def test_the_notifier_may_name_its_live_queues() -> None:
    assert may("notifier", "configure", live_queue("notifier-1-a1b2"))


def test_every_published_type_reaches_those_who_react_to_it() -> None:
    def reads(service: str, type_: str) -> bool:
        return any(
            type_.startswith(binding.removesuffix("#"))
            for binding in SERVICE_QUEUES[service].bindings
        )

    for type_ in FACTS:
        publisher = type_.partition(".")[0]
        assert reads("notifier", type_) == (publisher in ("groups", "chat"))
        assert reads("chat", type_) == (publisher in ("groups", "notifier"))


def test_queues_lose_nothing_on_the_way_to_the_parked() -> None:
    for queue in SERVICE_QUEUES.values():
        arguments = service_queue_arguments(queue)
        assert arguments["x-queue-type"] == "quorum"
        assert arguments["x-single-active-consumer"] is True
        assert arguments["x-dead-letter-routing-key"] == queue.parked
        assert arguments["x-dead-letter-strategy"] == "at-least-once"
        assert arguments["x-overflow"] == "reject-publish"
