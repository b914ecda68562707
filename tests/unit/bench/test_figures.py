"""Percentiles and ratios: what the benchmark's reader takes at its word."""

import pytest

from bench.figures import Histogram, median, ratio


def bucket_of(ns: int) -> int:
    """As `bench/load/histogram.c` has it."""
    doublings = ns.bit_length() - 1
    return doublings * 64 + (ns >> (doublings - 6) & 63)


def times(*milliseconds: float) -> Histogram:
    return Histogram.of([(bucket_of(int(ms * 1e6)), 1) for ms in milliseconds])


@pytest.mark.parametrize("ms", [0.07, 1.0, 12.345, 999.0, 60_000.0])
def test_a_time_is_told_within_two_percent_and_never_too_well(ms: float) -> None:
    told = times(ms).percentile(0.5)
    assert ms <= told <= ms * 1.02


def test_one_slow_frame_of_a_hundred_shows_in_the_tail_and_not_in_the_median() -> None:
    found = Histogram.of([(bucket_of(1_000_000), 99), (bucket_of(500_000_000), 1)])
    assert found.percentile(0.5) < 1.1
    assert found.percentile(0.99) < 1.1
    assert found.percentile(0.999) >= 500.0


def test_percentiles_of_two_runs_come_from_all_their_frames_not_from_an_average() -> None:
    fast = Histogram.of([(bucket_of(1_000_000), 990)])
    slow = Histogram.of([(bucket_of(100_000_000), 10)])
    assert (fast + slow).percentile(0.98) < 1.1
    assert (fast + slow).percentile(0.995) >= 100.0


def test_no_frames_give_no_time() -> None:
    assert Histogram().percentile(0.99) == 0.0


def test_a_ratio_is_of_neighbours_so_that_a_slow_minute_hurts_both() -> None:
    # The second pair ran while the machine was busy.
    found = ratio([100.0, 10.0, 120.0], [50.0, 5.0, 50.0])
    assert found is not None
    assert (found.median, found.low, found.high, found.pairs) == (2.0, 2.0, 2.4, 3)


def test_a_void_run_takes_its_neighbour_out_of_the_ratio() -> None:
    found = ratio([0.0, 30.0], [50.0, 10.0])
    assert found is not None
    assert (found.median, found.pairs) == (3.0, 1)


def test_without_a_pair_there_is_no_ratio() -> None:
    assert ratio([0.0], [50.0]) is None
    assert ratio([], []) is None
    assert median([]) == 0.0
