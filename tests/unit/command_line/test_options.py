"""What is missing from a command is said before anything is called."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from command_line.caller import default_url
from command_line.main import circles

NOBODY = "http://127.0.0.1:1"


def said(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(circles, arguments, env={"CIRCLES_TOKEN": ""})
    return result.exit_code, result.output


@pytest.mark.parametrize("command", ["groups", "inbox", "tail"])
def test_nobody_calls_without_a_name(command: str) -> None:
    code, output = said(command)
    assert code == 2
    assert "--as alice" in output and "--token" in output


def test_an_id_that_is_none_is_named() -> None:
    code, output = said("groups", "--as", "a,b")
    assert code == 1
    assert "visible ASCII" in output


def test_the_doctor_wants_an_address_as_clients_call_it() -> None:
    assert said("doctor", "localhost:8080")[0] == 2


@pytest.mark.parametrize("url", ["notaurl", "localhost:8080", "http://", "ftp://x"])
@pytest.mark.parametrize("command", [("groups", "--token", "x", "--url"), ("doctor",)])
def test_an_address_that_is_none_is_not_called(command: tuple[str, ...], url: str) -> None:
    code, output = said(*command, url)
    assert code == 2
    assert f"'{url}' is not the address of a server" in output
    assert "http://localhost:8080" in output


def test_a_place_that_can_not_be_kept_is_said_before_anything_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "none" / "place"
    code, output = said("tail", "--token", "x", "--url", NOBODY, "--cursor", str(file))
    assert code == 2
    assert f"There is no folder {file.parent}" in output
    assert "connecting" not in output


def test_what_each_command_does_is_said_to_its_end_in_80_columns() -> None:
    _, output = said("--help")
    _, _, commands = output.partition("Commands:")
    lines = commands.strip().splitlines()
    assert len(lines) == len(circles.commands)
    assert [line for line in lines if not line.endswith(".") or line.endswith("...")] == []


def test_the_address_follows_the_port_of_the_local_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CIRCLES_PORT", raising=False)
    assert default_url() == "http://localhost:8080"
    monkeypatch.setenv("CIRCLES_PORT", "8123")
    assert default_url() == "http://localhost:8123"


def test_nobody_at_an_address_is_said_in_a_line() -> None:
    code, output = said("groups", "--token", "x", "--url", NOBODY)
    assert code == 1
    assert "Traceback" not in output


def test_what_operates_a_system_is_there_as_well() -> None:
    _, output = said("--help")
    for command in (
        "run",
        "token",
        "replay",
        "parked",
        "send",
        "tail",
        "groups",
        "inbox",
        "doctor",
    ):
        assert f"\n  {command} " in output
