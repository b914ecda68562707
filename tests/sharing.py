"""Which tests run in one process, one after the other, for what they share: a whole stack, or a
browser, is dear to start, and whoever takes a part of it down must be alone with it.

`--dist loadgroup` would do this by the mark `xdist_group`, but pytest-xdist 3.8 writes the group
into an item's id in a way that pytest 9.2 no longer sees, and then spreads the tests in silence.
"""

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

# What a test's id begins with, the first that fits; all others run wherever there is room.
GROUPS = (
    ("tests/browser/", "browser"),
    # The doctor waits for heartbeats and time-outs: with a stack of its own nobody waits for it.
    ("tests/scenarios/test_the_doctor_", "doctor"),
    # Brings a stack of an earlier version along.
    ("tests/scenarios/test_a_new_version_", "takeover"),
    # Restarts and rebuilds a stack of its own.
    ("tests/scenarios/test_operators_", "operators"),
    # Two halves that take about as long, each with a stack.
    ("tests/scenarios/test_the_", "clients"),
    ("tests/fuzz/", "clients"),
    ("tests/scenarios/", "stack"),
)

# A long one that began last would leave one process alone with it. What shares nothing fills the
# rest of the time.
LONGEST_FIRST = ("stack", "clients", "browser", "doctor", "operators", "takeover")


def group_of(test: str) -> str:
    """The group of the test with this id; its own where it shares nothing."""
    return next((group for beginning, group in GROUPS if test.startswith(beginning)), test)


def place_of(test: str) -> int:
    """Where the test with this id stands in the order of beginning."""
    group = group_of(test)
    return LONGEST_FIRST.index(group) if group in LONGEST_FIRST else len(LONGEST_FIRST)


class ByWhatIsShared(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives each group to one process, in the order in which the tests come."""

    def __init__(self, config: pytest.Config, log: object) -> None:
        super().__init__(config, log)
        # Else those with the most tests come first, whatever they take.
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In a process of many; whoever runs alone begins with what is quick to fail."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: place_of(item.nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    return ByWhatIsShared(config, log)
