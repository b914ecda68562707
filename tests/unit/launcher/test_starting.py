"""What can be wrong before anything starts: one line each, with what to do."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from launcher import gateway, ports, postgres, rabbitmq
from launcher.errors import LaunchError
from launcher.lock import Taken, held
from launcher.processes import Process
from launcher.services import plan_services, replica_counts


def test_a_port_in_use_is_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIRCLES_BIND", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(LaunchError, match=f"Port {port} is in use.*CIRCLES_PORT={port + 1}"):
            gateway.ensure_free(port)


@pytest.mark.parametrize("said", ["", "http", "0", "65536", "-1"])
def test_a_port_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("CIRCLES_PORT", said)
    with pytest.raises(LaunchError, match="CIRCLES_PORT"):
        gateway.chosen_port()


def test_internal_ports_differ_and_stay_below_the_ephemeral_range() -> None:
    picked = [ports.free_port() for _ in range(50)]

    assert len(set(picked)) == 50
    assert all(20_000 <= port < 32_000 for port in picked)


def test_a_second_start_in_the_same_checkout_names_the_first(tmp_path: Path) -> None:
    with (
        held(tmp_path, "Circles"),
        pytest.raises(Taken, match="Circles is already running"),
        held(tmp_path, "Circles"),
    ):
        pass


def test_a_checkout_is_free_again_after_a_stop(tmp_path: Path) -> None:
    for _ in range(2):
        with held(tmp_path, "Circles"):
            pass


@pytest.mark.parametrize("said", ["0", "17", "two", "-1"])
def test_a_number_of_replicas_that_makes_no_sense_is_named(
    monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setenv("REPLICAS", said)
    with pytest.raises(LaunchError, match="REPLICAS"):
        replica_counts()


async def test_a_folder_that_is_no_database_is_neither_used_nor_touched(tmp_path: Path) -> None:
    stranger = tmp_path / "postgres" / "letters.txt"
    stranger.parent.mkdir()
    stranger.write_text("mine")

    with pytest.raises(LaunchError, match="Move it away"):
        await postgres.Postgres(tmp_path, "password").start()
    assert stranger.read_text() == "mine"


async def test_data_of_another_postgresql_are_named_with_their_version(tmp_path: Path) -> None:
    (tmp_path / "postgres" / "global").mkdir(parents=True)
    (tmp_path / "postgres" / "PG_VERSION").write_text("9\n")

    with pytest.raises(LaunchError, match="written by PostgreSQL 9"):
        await postgres.Postgres(tmp_path, "password").start()


@pytest.mark.parametrize(
    ("server", "lost"),
    [
        (lambda folder: rabbitmq.RabbitMQ(folder, "password", "cookie"), "events that wait"),
        (lambda folder: postgres.Postgres(folder, "password"), "groups, messages"),
    ],
)
async def test_a_server_that_is_slow_to_start_is_to_be_tried_again_before_its_data_are_given_up(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    server: Callable[[Path], rabbitmq.RabbitMQ | postgres.Postgres],
    lost: str,
) -> None:
    for module in (rabbitmq, postgres):
        monkeypatch.setattr(module, "START_SECONDS", 0.2)
    slow = server(tmp_path)
    slow.process = Process("slow", ["sleep", "60"], tmp_path, {"PATH": os.environ["PATH"]})
    await slow.process.start()
    try:
        with pytest.raises(LaunchError) as told:
            await slow.ready()
    finally:
        await slow.process.stop()
    words = str(told.value)
    assert 0 < words.index("try again") < words.index("slow.log") < words.index("last resort")
    assert lost in words[words.index("last resort") :]


@pytest.mark.parametrize(
    ("folder", "recent"), [("3.9.13", False), ("3.10.8", True), ("4.1.0", True)]
)
def test_a_broker_too_old_is_passed_over(tmp_path: Path, folder: str, recent: bool) -> None:
    script = tmp_path / f"rabbitmq_server-{folder}" / "sbin" / "rabbitmq-server"

    assert rabbitmq._recent(script) is recent


def test_chat_knows_every_replica_of_groups(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GROUPS_REPLICAS", "2")
    secrets = {"token_secret": "t", "service_secret": "s", "ticket_secret": "k"}
    urls = {service: f"{service}-url" for service in ("groups", "chat", "notifier")}

    services = plan_services(tmp_path, secrets, urls, urls)

    [chat] = [service for service in services if service.kind == "chat"]
    groups = [f"http://127.0.0.1:{s.port}" for s in services if s.kind == "groups"]
    assert chat.process.environment["GROUPS_URL"].split() == groups
    assert len(groups) == 2


def test_three_notifiers_each_have_a_name_and_a_port_and_only_they_know_the_ticket_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REPLICAS", "3")
    monkeypatch.setenv("CORS_ORIGINS", "https://app.example")
    secrets = {"token_secret": "t", "service_secret": "s", "ticket_secret": "k"}
    urls = {service: f"{service}-url" for service in ("groups", "chat", "notifier")}

    services = plan_services(tmp_path, secrets, urls, urls)

    names = [service.process.name for service in services]
    assert names == ["groups-1", "chat-1", "notifier-1", "notifier-2", "notifier-3"]
    assert len({service.port for service in services}) == 5
    told = {service.process.name: service.process.environment for service in services}
    assert [name for name in names if "TICKET_SECRET" in told[name]] == names[2:]
    assert told["chat-1"]["GROUPS_URL"] == f"http://127.0.0.1:{services[0].port}"
    notifiers = [f"http://127.0.0.1:{service.port}" for service in services[2:]]
    assert told["chat-1"]["NOTIFIER_URL"].split() == notifiers
    assert all(
        environment["CORS_ORIGINS"] == "https://app.example" for environment in told.values()
    )


@pytest.mark.parametrize(
    ("bind", "asked", "expected"),
    [
        (None, None, "true"),
        ("127.0.0.1 ::1", None, "true"),
        ("localhost", None, "true"),
        ("0.0.0.0", None, "false"),
        ("127.0.0.1 192.168.1.7", None, "false"),
        ("chat.example", None, "false"),
        ("0.0.0.0", "true", "true"),
        (None, "false", "false"),
    ],
)
def test_people_sign_in_by_name_alone_only_where_nobody_else_gets(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    bind: str | None,
    asked: str | None,
    expected: str,
) -> None:
    for variable, value in (("CIRCLES_BIND", bind), ("LOCAL_SIGN_IN", asked)):
        if value is None:
            monkeypatch.delenv(variable, raising=False)
        else:
            monkeypatch.setenv(variable, value)
    secrets = {"token_secret": "t", "service_secret": "s", "ticket_secret": "k"}
    urls = {service: f"{service}-url" for service in ("groups", "chat", "notifier")}

    services = plan_services(tmp_path, secrets, urls, urls)

    [notifier] = [service for service in services if service.kind == "notifier"]
    assert notifier.process.environment["LOCAL_SIGN_IN"] == expected
