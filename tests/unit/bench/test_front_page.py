"""The README's figures: those of the last whole run, the bad ones among them."""

import json
from typing import Any

import pytest

from bench import front_page
from bench.front_page import PAGE, PART, made_from
from bench.marked import RESULTS, Part


def unexplained(results: dict[str, Any]) -> list[str]:
    """The README's figures that a run has not measured, without saying why: a peer that can't be
    had, or a workload that was void or short."""
    measured = {h["what"] for workload in results["workloads"] for h in workload["headlines"]}
    reasons = [line.partition(" is skipped")[0].split(", ") for line in results["skipped"]]
    void = [line for workload in results["workloads"] for line in workload["void"]]
    return [
        what
        for what in (*front_page._RATIOS, *front_page._ALONE)
        if what not in measured
        and not void
        and not any(all(word in what for word in words) for words in reasons)
        and not ("entries ÷" in what and any("long form" in words[0] for words in reasons))
    ]


def test_the_readme_says_what_was_measured_last() -> None:
    page = PAGE.read_text()
    made = made_from(json.loads(RESULTS.read_text()))
    assert PART.updated(page, made) == page, "run `make bench`, or take back what was edited"


def test_every_figure_of_the_readme_is_one_that_a_whole_run_measures() -> None:
    assert unexplained(json.loads(RESULTS.read_text())) == []


def test_a_gap_is_explained_by_its_own_peer_and_by_no_other() -> None:
    results = json.loads(RESULTS.read_text())
    for workload in results["workloads"]:
        workload["headlines"] = [h for h in workload["headlines"] if "÷ nchan" not in h["what"]]
    assert any("Synapse" in line for line in results["skipped"])
    assert unexplained(results) != []
    assert unexplained({**results, "skipped": ["nchan is skipped: no package"]}) == []


def test_a_void_run_is_shown_as_a_gap_and_not_as_the_figure_before() -> None:
    made = made_from({"machine": "2 cores (C), Linux 6, 2026-01-02 10:00", "workloads": []})
    assert "on 2026-01-02, on 2 cores (C):" in made
    assert made.count("| – |") == len(front_page._RATIOS) + len(front_page._ALONE)


def test_a_page_without_its_marks_is_refused_instead_of_cut_short() -> None:
    with pytest.raises(ValueError, match="needs the lines"):
        Part("<!-- a -->", "<!-- b -->").updated("All of the page. <!-- a -->", "new")
