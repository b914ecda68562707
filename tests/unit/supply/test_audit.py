"""The audit tells weak packages from a database that did not answer."""

import json
from pathlib import Path

import pytest

from supply.audit import KNOWN, NONE_KNOWN, NOT_ASKED, audit

GOOD = {"name": "good", "version": "1.0", "vulns": []}
WEAK = {"name": "weak", "version": "2.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"]}]}
UNKNOWN = {"name": "unknown", "skip_reason": "could not be audited"}


@pytest.mark.parametrize(
    ("said", "code", "expected", "words"),
    [
        (json.dumps({"dependencies": [GOOD]}), "0", NONE_KNOWN, "any of 1 packages"),
        (
            json.dumps({"dependencies": [GOOD, WEAK]}),
            "1",
            KNOWN,
            "weak 2.0: PYSEC-1; mended in 2.1",
        ),
        # pip-audit itself calls these a success.
        (
            json.dumps({"dependencies": [GOOD, UNKNOWN]}),
            "0",
            NOT_ASKED,
            "1 of 2 packages (unknown)",
        ),
        (json.dumps({"dependencies": [UNKNOWN, WEAK]}), "1", KNOWN, "1 of 2 packages (unknown)"),
        ("", "1", NOT_ASKED, "did not answer: pip-audit gave up: Max retries exceeded"),
    ],
)
def test_nobody_takes_silence_for_a_clean_bill(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    said: str,
    code: str,
    expected: int,
    words: str,
) -> None:
    # Stands in for pip-audit.
    program = tmp_path / "pip-audit"
    program.write_text(
        '#!/bin/sh\nprintf "%s" "$SAID"\necho "Max retries exceeded" >&2\nexit "$CODE"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("SAID", said)
    monkeypatch.setenv("CODE", code)
    monkeypatch.delenv("AUDIT_SERVICE", raising=False)
    assert audit(str(program)) == expected
    assert words in capsys.readouterr().out
