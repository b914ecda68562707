"""Where the servers come from, and what is said when they can come from nowhere."""

from pathlib import Path

import pytest

from launcher import docker, install, postgres, rabbitmq
from launcher.credentials import NAMES
from launcher.errors import LaunchError
from launcher.postgres import DURABLE
from launcher.progress import Progress
from launcher.servers import choose_postgres, choose_rabbitmq

SECRETS = dict.fromkeys(NAMES, "secret")


async def no() -> bool:
    return False


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "installations", list)
    monkeypatch.setattr(rabbitmq, "find", lambda: None)
    monkeypatch.setattr(install, "may_install", no)
    monkeypatch.setattr(docker, "works", no)


@pytest.mark.usefixtures("bare_machine")
async def test_without_apt_and_docker_the_message_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(LaunchError, match=r"PostgreSQL 14.*Install postgresql.*DATABASE_URL"):
        await choose_postgres(tmp_path, SECRETS, Progress(quiet=True), DURABLE)
    with pytest.raises(LaunchError, match=r"RabbitMQ 3\.10.*Install rabbitmq-server.*AMQP_URL"):
        await choose_rabbitmq(tmp_path, SECRETS, Progress(quiet=True))


@pytest.mark.usefixtures("bare_machine")
async def test_docker_is_the_last_resort(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def yes() -> bool:
        return True

    monkeypatch.setattr(docker, "works", yes)

    server = await choose_rabbitmq(tmp_path, SECRETS, Progress(quiet=True))

    assert isinstance(server, docker.DockerRabbitMQ)


async def test_a_docker_command_without_a_daemon_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = tmp_path / "docker"
    command.write_text("#!/bin/sh\nexit 1\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    assert not await docker.works()
