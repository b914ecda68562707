"""Chromium, for the tests that use the app as people do: found on the machine, or installed."""

import os
import shutil
from collections.abc import Sequence

from launcher import install
from launcher.paths import ROOT
from launcher.progress import Progress
from launcher.selection import is_selected

# The form without windows: its pages are there in half the time.
PACKAGES = ("chromium-headless-shell",)
TESTS = ROOT / "tests" / "browser"
_NAMES = (
    "chromium-headless-shell",
    *("chromium", "chromium-browser", "google-chrome-stable", "google-chrome"),
)
MISSING = (
    "Chromium is missing. Install the package chromium-headless-shell, or name a Chromium in the "
    "variable CHROMIUM, or leave these tests out: make test ARGS=--ignore=tests/browser"
)


def find() -> str | None:
    """The program, or None."""
    if said := os.environ.get("CHROMIUM"):
        return said
    return next(filter(None, map(shutil.which, _NAMES)), None)


def is_needed(arguments: Sequence[str]) -> bool:
    """Whether a run of pytest with `arguments` collects tests in a browser."""
    return is_selected(TESTS, arguments)


async def provide(progress: Progress) -> None:
    """Install Chromium, saying so, where it is missing and may be installed; without it the tests
    that need it say what to do. Raises LaunchError when apt fails."""
    if find() is not None:
        return
    if await install.may_install():
        await install.install(PACKAGES, progress)
    else:
        progress.warn(MISSING)
