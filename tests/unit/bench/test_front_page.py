"""The README's figures: those of the last whole run, the bad ones among them."""

import json

import pytest

from bench import front_page
from bench.front_page import PAGE, PART, made_from
from bench.marked import RESULTS, Part


def test_the_readme_says_what_was_measured_last() -> None:
    page = PAGE.read_text()
    made = made_from(json.loads(RESULTS.read_text()))
    assert PART.updated(page, made) == page, "run `make bench`, or take back what was edited"


def test_every_figure_of_the_readme_is_one_that_a_whole_run_measures() -> None:
    results = json.loads(RESULTS.read_text())
    void = [line for workload in results["workloads"] for line in workload["void"]]
    missing = [line for line in made_from(results).splitlines() if line.endswith("| – |")]
    # A gap has a reason that is told: a peer that can't be had, a run that was void or short.
    assert missing == [] or results["skipped"] or void


def test_a_void_run_is_shown_as_a_gap_and_not_as_the_figure_before() -> None:
    made = made_from({"machine": "2 cores (C), Linux 6, 2026-01-02 10:00", "workloads": []})
    assert "on 2026-01-02, on 2 cores (C):" in made
    assert made.count("| – |") == len(front_page._RATIOS) + len(front_page._ALONE)


def test_a_page_without_its_marks_is_refused_instead_of_cut_short() -> None:
    with pytest.raises(ValueError, match="needs the lines"):
        Part("<!-- a -->", "<!-- b -->").updated("All of the page. <!-- a -->", "new")
