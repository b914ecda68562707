"""Where things lie in a checkout."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Everything that a run leaves behind: data, logs, secrets, process ids. Never in git.
STATE = Path(os.environ.get("CIRCLES_STATE", ROOT / ".circles")).resolve()
PROGRAMS = Path(sys.executable).parent


def program(name: str) -> str:
    """A program that the locked packages installed beside the interpreter."""
    return str(PROGRAMS / name)


def shown(path: Path) -> str:
    """`path` as a person in the checkout would type it."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
