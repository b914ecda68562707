"""Chromium is fetched for those tests only that need it."""

import pytest

from launcher import chromium


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("-k", "keyboard", "-x"),
        ("tests",),
        ("tests/browser/test_two_people_chat.py::test_x", "-q"),
        ("tests/unit", "tests/browser"),
    ],
)
def test_a_run_with_browser_tests_in_it_needs_a_browser(arguments: tuple[str, ...]) -> None:
    assert chromium.is_needed(arguments)


@pytest.mark.parametrize(
    "arguments",
    [("tests/unit", "-q"), ("tests/scenarios",), ("--ignore=tests/browser",)],
)
def test_other_runs_install_nothing(arguments: tuple[str, ...]) -> None:
    assert not chromium.is_needed(arguments)
