"""Profiles: what ran is counted where it belongs."""

from bench.sampling import counted
from launcher.paths import ROOT

OURS = ROOT / "services" / "chat"
STACKS = [
    f"main ({OURS}/__main__.py);execute (/v/site-packages/asyncpg/connection.py:368) 30",
    f"main ({OURS}/__main__.py);loads (/usr/lib/python3.11/json/__init__.py) 5",
    f"main ({OURS}/__main__.py);post ({OURS}/api/messages.py:48) 15",
    "a line that is no stack",
]


def test_the_innermost_function_counts_by_its_package() -> None:
    found = counted(STACKS)
    assert found.total == 50
    assert found.packages == {"asyncpg": 30, "Circles itself": 15, "Python's json": 5}


def test_our_own_functions_are_named_with_their_files() -> None:
    assert counted(STACKS).functions["post in services/chat/api/messages.py"] == 15
