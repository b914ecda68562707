"""Prometheus and its promtool, for the tests of the alerts and the picture of the dashboard: found
on the machine, or installed."""

import shutil
from collections.abc import Sequence

from launcher import install
from launcher.paths import ROOT
from launcher.progress import Progress
from launcher.selection import is_selected

PACKAGES = ("prometheus",)
TESTS = ROOT / "tests" / "observability"
MISSING = (
    "Prometheus is missing: the tests of alerts and dashboard that need its promtool are skipped. "
    "Install the package prometheus"
)


def find(program: str = "promtool") -> str | None:
    """`promtool` or `prometheus`, or None."""
    return shutil.which(program)


def is_needed(arguments: Sequence[str]) -> bool:
    """Whether a run of pytest with `arguments` collects tests that need it."""
    return is_selected(TESTS, arguments)


async def provide(progress: Progress) -> None:
    """Install Prometheus, saying so, where it is missing and may be installed; without it the
    tests that need it are skipped, which is said here. Raises LaunchError when apt fails."""
    if find() is not None:
        return
    if await install.may_install():
        await install.install(PACKAGES, progress)
    else:
        progress.warn(MISSING)
