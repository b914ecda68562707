"""The words at the end of a start: what they say to paste works as it stands."""

from pathlib import Path

import pytest

from launcher.closing import closing_message

KEYS = "https://login.example/keys"


def said(keys: str | None) -> str:
    logs = {"chat-1": Path("/state/logs/chat-1.log")}
    return closing_message(8080, logs, 12.3, signs_in_by_name=False, issuer_keys=keys)


def test_tokens_are_made_here_where_we_sign_them() -> None:
    assert "\n  ALICE=$(make -s token USER=alice NAME=Alice)\n  BOB=$(make" in said(None)


def test_with_an_issuer_nobody_is_told_to_make_a_token_that_services_refuse() -> None:
    words = said(KEYS)
    assert "$(make -s token" not in words
    assert KEYS in words
    assert "Bearer $ALICE" in words


@pytest.mark.parametrize("keys", [None, KEYS])
def test_every_line_to_paste_stands_in_the_same_column(keys: str | None) -> None:
    pasted = said(keys).split("in this folder.\n")[1].split("Bob's stream")[0]
    assert all(line.startswith("  ") for line in pasted.strip("\n").splitlines() if line)


def test_who_pastes_it_elsewhere_signs_with_the_same_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CIRCLES_STATE", "/srv/of a team")
    monkeypatch.setenv("CIRCLES_PORT", "8181")
    words = said(None)
    export = "  export CIRCLES_PORT=8181 CIRCLES_STATE='/srv/of a team'\n"
    assert export in words
    assert words.index(export) < words.index("make -s token")
