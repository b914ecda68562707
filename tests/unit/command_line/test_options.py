"""What is missing from a command is said before anything is called."""

import pytest
from click.testing import CliRunner

from command_line.caller import default_url
from command_line.main import circles


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


def test_the_address_follows_the_port_of_the_local_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CIRCLES_PORT", raising=False)
    assert default_url() == "http://localhost:8080"
    monkeypatch.setenv("CIRCLES_PORT", "8123")
    assert default_url() == "http://localhost:8123"


def test_nobody_at_an_address_is_said_in_a_line() -> None:
    code, output = said("groups", "--token", "x", "--url", "http://127.0.0.1:1")
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
