"""The secrets of a checkout: lost or changed ones would lock it out of its own data."""

import json
from pathlib import Path

import pytest

from launcher import credentials
from launcher.errors import LaunchError


def test_secrets_stay_the_same_from_start_to_start(tmp_path: Path) -> None:
    assert credentials.load(tmp_path) == credentials.load(tmp_path)


def test_nobody_else_can_read_them(tmp_path: Path) -> None:
    credentials.load(tmp_path)

    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_secret_that_a_later_version_needs_joins_the_old_ones(tmp_path: Path) -> None:
    old = dict(credentials.load(tmp_path))
    del old["ticket_secret"]
    (tmp_path / "secrets.json").write_text(json.dumps(old))

    new = dict(credentials.load(tmp_path))

    assert len(new.pop("ticket_secret")) >= 32
    assert new == old


@pytest.mark.parametrize("content", ["{", "[]", '{"token_secret": 1}'])
def test_a_broken_file_is_named_and_kept(tmp_path: Path, content: str) -> None:
    (tmp_path / "secrets.json").write_text(content)

    with pytest.raises(LaunchError, match=r"secrets\.json"):
        credentials.load(tmp_path)
    assert (tmp_path / "secrets.json").read_text() == content


def test_some_are_replaced_and_the_others_stay(tmp_path: Path) -> None:
    old = dict(credentials.load(tmp_path))

    credentials.replace(tmp_path, {"ticket_secret": "new"})

    assert credentials.load(tmp_path) == {**old, "ticket_secret": "new"}
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
