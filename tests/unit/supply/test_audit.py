"""The audit tells weak packages from a database that did not answer."""

import os
from pathlib import Path

import pytest

from supply.audit import audit


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Stands in for pip-audit: says what SAID has, and ends with CODE."""
    path = tmp_path / "pip-audit"
    path.write_text('#!/bin/sh\nprintf "%s" "$SAID"\nexit "$CODE"\n')
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("said", "code", "expected"),
    [
        ("No known vulnerabilities found", "0", 0),
        ("Found 1 known vulnerability in 1 package\nfoo 1.0 PYSEC-1", "1", 1),
        ("ERROR:pip_audit._cli:Max retries exceeded with url: /pypi/foo/1.0/json", "1", 2),
    ],
)
def test_nobody_takes_silence_for_a_clean_bill(
    program: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    said: str,
    code: str,
    expected: int,
) -> None:
    monkeypatch.setenv("SAID", said)
    monkeypatch.setenv("CODE", code)
    monkeypatch.setitem(os.environ, "AUDIT_SERVICE", "pypi")
    assert audit(str(program)) == expected
    shown = capsys.readouterr()
    assert said in shown.out
    assert ("nothing was audited" in shown.err) == (expected == 2)
