"""Rate limits: a burst at once, then the average, each user for themselves."""

import pytest

from shared.web import limits
from shared.web.limits import RateLimit
from shared.web.problems import HttpProblem


def test_a_burst_passes_at_once_and_the_next_call_has_to_wait() -> None:
    limit = RateLimit("messages", per_second=20, burst=40)
    for _ in range(40):
        limit.spend("alice", now=100.0)
    with pytest.raises(HttpProblem) as refused:
        limit.spend("alice", now=100.0)
    assert refused.value.status == 429
    assert refused.value.headers["Retry-After"] == "1"


def test_each_call_is_told_what_is_left() -> None:
    limit = RateLimit("calls", per_second=100, burst=200)
    told = [limit.spend("alice", now=100.0) for _ in range(200)]
    assert {each["RateLimit-Policy"] for each in told} == {'"calls";q=200;w=2'}
    assert [each["RateLimit"] for each in (told[0], told[1], told[150])] == [
        '"calls";r=199;t=1',
        '"calls";r=198;t=1',
        '"calls";r=49;t=2',
    ]
    # None is left, and the next one passes long before all are there again.
    assert told[199]["RateLimit"] == '"calls";r=0;t=1'
    assert limit.spend("alice", now=100.5)["RateLimit"] == '"calls";r=49;t=2'
    with pytest.raises(HttpProblem) as refused:
        for _ in range(50):
            limit.spend("alice", now=100.5)
    headers = refused.value.headers
    assert headers["RateLimit"] == f'"calls";r=0;t={headers["Retry-After"]}'
    assert headers["RateLimit-Policy"] == '"calls";q=200;w=2'


def test_after_a_burst_calls_pass_at_the_average() -> None:
    limit = RateLimit("messages", per_second=20, burst=40)
    for _ in range(40):
        limit.spend("alice", now=100.0)
    passed = 0
    for tenth in range(1, 101):
        for _ in range(10):
            try:
                limit.spend("alice", now=100.0 + tenth / 10)
                passed += 1
            except HttpProblem:
                break
    assert passed == 200


def test_who_was_quiet_gets_one_burst_and_no_more() -> None:
    limit = RateLimit("calls", per_second=1, burst=3)
    limit.spend("alice", now=0.0)
    for _ in range(3):
        limit.spend("alice", now=1000.0)
    with pytest.raises(HttpProblem):
        limit.spend("alice", now=1000.0)


def test_a_refused_call_does_not_make_the_wait_longer() -> None:
    limit = RateLimit("calls", per_second=1, burst=1)
    limit.spend("alice", now=5.0)
    for _ in range(10):
        with pytest.raises(HttpProblem):
            limit.spend("alice", now=5.5)
    limit.spend("alice", now=6.0)


def test_one_persons_haste_costs_nobody_else() -> None:
    limit = RateLimit("calls", per_second=1, burst=1)
    limit.spend("alice", now=5.0)
    limit.spend("bob", now=5.0)


def test_memory_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REMEMBERED_USERS", 2)
    limit = RateLimit("calls", per_second=1, burst=1)
    for user_id in ("alice", "bob", "carol"):
        limit.spend(user_id, now=5.0)
    # The one forgotten starts anew; those remembered have to wait.
    limit.spend("alice", now=5.0)
    with pytest.raises(HttpProblem):
        limit.spend("carol", now=5.0)
