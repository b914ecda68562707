"""Which tests a run of pytest collects, so that only the programs those need are installed."""

from collections.abc import Sequence
from pathlib import Path

from launcher.paths import ROOT


def is_selected(tests: Path, arguments: Sequence[str]) -> bool:
    """Whether pytest, called with `arguments`, collects tests from the folder `tests`."""
    paths = [ROOT / argument.partition("::")[0] for argument in arguments if argument[:1] != "-"]
    there = [path.resolve() for path in paths if path.exists()]
    ignored = any(
        argument.startswith("--ignore") and _holds(argument.partition("=")[2], tests)
        for argument in arguments
    )
    if ignored:
        return False
    return not there or any(tests.is_relative_to(p) or p.is_relative_to(tests) for p in there)


def _holds(path: str, tests: Path) -> bool:
    return bool(path) and tests.is_relative_to((ROOT / Path(path)).resolve())
