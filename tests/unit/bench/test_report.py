"""The report: tables whose cells stand in their columns, and headlines that own up to a miss."""

import json

import pytest

from bench.figures import Ratio, figure
from bench.pictures import bars, curves
from bench.reasons import REASONS, reason_for
from bench.report import About, page_of
from bench.section import Bars, Curve, Headline, Section
from bench.table import cell, headlines, markdown
from launcher.paths import ROOT

ABOUT = About("2 cores", 0.1, 0.4, 3.0, "nchan 1.3", [])


def a_section(**changes: object) -> Section:
    section = Section("fanout", "Live fan-out", "What was done.", ("server", "frames/s"))
    section.rows.append(["Circles hub", 70000])
    for name, value in changes.items():
        setattr(section, name, value)
    return section


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "–"), (70000, "70,000"), (1234.5, "1,234"), (0.25, "0.25"), ("a|b", "a\\|b")],
)
def test_cells_are_shown_so_that_they_can_be_read(value: object, shown: str) -> None:
    assert cell(value) == shown  # type: ignore[arg-type]


def test_numbers_are_aligned_to_the_right_and_words_to_the_left() -> None:
    assert markdown(("server", "rate"), [["nchan", 5]]).splitlines()[1] == "| --- | --: |"


def test_a_row_that_lacks_a_cell_is_refused_instead_of_shifted() -> None:
    with pytest.raises(ValueError, match="1 cells for 2 columns"):
        markdown(("server", "rate"), [["nchan"]])


@pytest.mark.parametrize(
    ("aim", "value", "shown"),
    [("≥1.25", 1.3, "✓"), ("≥1.25", 1.2, "missed"), ("≤1.1", 1.0, "✓"), ("≤1.1", 1.2, "missed")],
)
def test_a_missed_aim_is_told(aim: str, value: float, shown: str) -> None:
    told = headlines([Headline("hub ÷ nchan", Ratio(value, value, value, 5), aim)])
    assert told.splitlines()[-1].endswith(f"| {shown} |")


def published() -> list[Headline]:
    """What the last whole run says at the top of its page."""
    results = json.loads((ROOT / "docs" / "benchmarks" / "results.json").read_text())
    return [
        Headline(one["what"], Ratio(**one["ratio"]), one["aim"], one["main"])
        for workload in results["workloads"]
        for one in workload["headlines"]
    ]


def test_every_aim_has_a_reason_to_be_missed_for() -> None:
    aimed = [headline for headline in published() if headline.aim]
    assert {reason_for(headline) for headline in aimed} == set(REASONS)


def test_an_aim_that_nobody_has_looked_into_is_told_as_such() -> None:
    missed = Headline("something new", Ratio(1, 1, 1, 1), "≥2", True)
    page = page_of([a_section(headlines=[missed])], ABOUT)
    assert "| something new | not looked into yet | – |" in page


def test_the_page_says_why_an_aim_was_missed_and_nothing_where_none_was() -> None:
    what = "long-poll deliveries/s: Circles hub ÷ nchan"
    missed, met = (Headline(what, Ratio(v, v, v, 1), "≥0.3", True) for v in (0.2, 0.4))
    assert "whole HTTP request to aiohttp" in page_of([a_section(headlines=[missed])], ABOUT)
    assert "why" not in page_of([a_section(headlines=[met])], ABOUT)


def test_a_void_run_and_a_skipped_peer_stand_on_the_page() -> None:
    about = About("2 cores", 0.1, 0.4, 3.0, "nchan 1.3", ["nchan is skipped: no apt-get"])
    page = page_of([a_section(void=["nchan, 100: 3 frames lost"])], about)
    assert "- fanout: nchan, 100: 3 frames lost" in page
    assert "- nchan is skipped: no apt-get" in page


def test_the_page_names_machine_and_load() -> None:
    page = page_of([a_section()], ABOUT)
    assert "2 cores; load of the machine 0.1 before the run and 0.4 after it" in page


def test_a_picture_shows_our_bar_longer_when_we_are_faster() -> None:
    chart = Bars("Frames", "/s", [("Circles hub", 200.0), ("nchan", 100.0), ("send(2) floor", 0)])
    picture = bars("Live", [chart])
    widths = [float(part.split('"')[0]) for part in picture.split('width="')[1:]]
    assert widths[0] == pytest.approx(2 * widths[1])
    assert 'class="ours"' in picture and 'class="floor"' in picture


def test_a_curve_shows_its_points_and_what_is_flat_as_flat() -> None:
    picture = curves("Growth", [Curve("CPU", "µs", "members", [(2, 30.0), (1000, 30.0)])])
    heights = {part.split('"')[0] for part in picture.split('cy="')[1:]}
    assert len(heights) == 1
    for text in ("CPU, µs", "members", ">1,000<", ">30<"):
        assert text in picture


@pytest.mark.parametrize(("value", "shown"), [(41234.5, "41,234"), (4.5, "4.50")])
def test_a_figure_with_an_aim_is_shown_in_its_own_unit(value: float, shown: str) -> None:
    found = figure([value])
    assert found is not None
    told = headlines([Headline("notifications/s", found, "≥40,000")])
    assert f"| {shown} | ≥40,000 |" in told
    assert told.endswith("✓ |" if value > 40_000 else "missed |")
