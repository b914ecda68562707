"""The cause that a failed start shows comes from the log: it must be the telling line."""

from pathlib import Path

import pytest

from launcher.logfiles import last_words


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("", ""),
        ("start\nconfiguration error: PORT: wrong.\n", "configuration error: PORT: wrong"),
        ("Traceback (most recent call last):\n  File x\nValueError: no\n\n", "ValueError: no"),
        ("FATAL:  data directory is broken\nserver stopped\n", "FATAL:  data directory is broken"),
        ('{"event": "serving"}\n{"event": "relay ended", "error": "gone"}\n', "relay ended: gone"),
        ("one\ntwo\n", "two"),
    ],
)  # fmt: skip
def test_the_telling_line_is_found(tmp_path: Path, log: str, words: str) -> None:
    (tmp_path / "a.log").write_text(log)

    assert last_words(tmp_path / "a.log") == words


def test_what_an_earlier_run_said_is_not_taken_for_this_one(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("error: old\n")

    assert last_words(tmp_path / "a.log", offset=len("error: old\n")) == ""
