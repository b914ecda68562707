"""The gate: a run that lost, doubled or reordered something must not become a figure."""

from dataclasses import replace

import pytest

from bench.gate import Run, faults, is_held

GOOD = Run(
    posted=10,
    accepted=10,
    refused=0,
    expected=100,
    received=100,
    lost=0,
    doubled=0,
    reordered=0,
    gaps=0,
    strays=0,
    closed=0,
    disagreeing=0,
    seconds=2.0,
    behind=0.1,
)


def test_a_run_with_nothing_wrong_counts() -> None:
    assert faults(GOOD) == []
    assert GOOD.rate == 50.0


@pytest.mark.parametrize(
    "what", ["refused", "lost", "doubled", "reordered", "gaps", "closed", "disagreeing"]
)
def test_a_single_fault_of_any_kind_voids_a_run(what: str) -> None:
    run = replace(GOOD, posted=11 if what == "refused" else 10)
    setattr(run, what, 1)
    assert any(line.startswith("1 ") for line in faults(run))


def test_a_run_in_which_nothing_came_is_void_even_if_nothing_is_missed() -> None:
    assert faults(replace(GOOD, expected=0, received=0)) == ["nothing was received"]


def test_calls_without_an_answer_void_a_run() -> None:
    assert faults(replace(GOOD, posted=12)) == ["2 calls unanswered"]


def test_frames_of_an_earlier_run_are_no_fault_of_this_one() -> None:
    assert faults(replace(GOOD, strays=5)) == []


def test_a_rate_is_not_held_when_frames_come_long_after_the_last_message() -> None:
    assert is_held(GOOD, 1.0)
    assert not is_held(replace(GOOD, behind=1.5), 1.0)


def test_a_rate_is_not_held_when_something_was_lost() -> None:
    assert not is_held(replace(GOOD, lost=1), 1.0)


def test_what_the_generator_says_is_read_with_its_histograms() -> None:
    said = {name: getattr(GOOD, name) for name in GOOD.__dataclass_fields__}
    run = Run.of({**said, "frames": [[1280, 7]], "answers": []})
    assert run.frames.total == 7
    assert run.answers.total == 0
