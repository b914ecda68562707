"""What a service would write to its log."""

import io
import logging
import sys
from collections.abc import Iterator

import pytest

from shared.logs import set_up_logs


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """A service's standard error; the tests' own logs come back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = io.StringIO()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", written)
        set_up_logs("tests", "info")
    yield written
    root.handlers[:] = handlers
    root.setLevel(level)
