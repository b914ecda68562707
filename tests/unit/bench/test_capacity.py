"""The plan for growing: it follows from what was measured, and its page says what it says."""

import json

import pytest

from bench.capacity import PAGE, PART, Costs, plan, tables
from bench.marked import RESULTS

COSTS = Costs(
    message={"chat": 1e-3, "postgres": 1e-3},
    recipient={"chat": 0.0, "postgres": 10e-6},
    reconnect=1e-3,
    stored=10_000.0,
    relayed=1000.0,
    stream_kb=10.0,
)


@pytest.fixture
def costs() -> Costs:
    parts = ("chat", "groups", "notifier", "gateway", "postgres", "rabbitmq")
    message = {part: COSTS.message.get(part, 0.0) for part in parts}
    recipient = {part: COSTS.recipient.get(part, 0.0) for part in parts}
    return Costs(message, recipient, COSTS.reconnect, 10_000.0, 1000.0, 10.0)


def test_ten_times_the_people_need_ten_times_the_machines(costs: Costs) -> None:
    few, many = plan(costs, 1_000_000), plan(costs, 10_000_000)
    assert many.messages == pytest.approx(10 * few.messages)
    assert many.cores["chat"] == pytest.approx(10 * few.cores["chat"])
    assert many.notifiers == 10 * few.notifiers


def test_few_people_need_one_of_each(costs: Costs) -> None:
    small = plan(costs, 10_000)
    assert (small.consumers, small.relays, small.notifiers) == (1, 1, 1)


def test_a_slower_consumer_needs_more_partitions(costs: Costs) -> None:
    slow = Costs(costs.message, costs.recipient, 1e-3, stored=1000.0, relayed=1e3, stream_kb=10.0)
    assert plan(slow, 10_000_000).consumers > plan(costs, 10_000_000).consumers


def test_the_page_says_what_was_measured_last() -> None:
    made = tables(json.loads(RESULTS.read_text()))
    page = PAGE.read_text()
    assert PART.updated(page, made) == page, "run `make capacity`"
