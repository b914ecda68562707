"""docker-compose.yml, as far as it can be checked without an engine."""

import json
import re
from pathlib import Path

import pytest
from yarl import URL

from launcher.compose import NAMES
from launcher.credentials import SERVICES
from launcher.jobs import PARTS, variables_of
from launcher.paths import ROOT
from tests.unit.deploy import images
from tests.unit.deploy.composed import ALL, CORE, SECRETS, TEXT, composed, config, service

MEGABYTE = 2**20


def test_compose_itself_takes_the_file_and_warns_of_nothing() -> None:
    said = config(TEXT)
    assert (said.returncode, said.stderr) == (0, "")


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ("mem_limit: 1g", "memlimit: 1g", "memlimit"),
        ("condition: service_healthy", "condition: service_well", "condition value must be one of"),
        ("networks: [data]", "networks: [date]", "undefined network date"),
        ("rabbitmq: {condition", "rabbit: {condition", "undefined service"),
    ],
)
def test_a_mistake_in_the_file_is_noticed(right: str, wrong: str, words: str) -> None:
    assert right in TEXT
    said = config(TEXT.replace(right, wrong, 1))
    assert said.returncode != 0
    assert words in said.stderr


def test_every_secret_comes_from_the_env_file_and_each_one_there_is_used() -> None:
    used = set(re.findall(r"\$\{([A-Z_]*(?:SECRET|PASSWORD))(?::?\?[^}]*)?\}", TEXT))

    assert used == set(NAMES)
    assert not re.search(r"(PASSWORD|SECRET|PASS): [^$\s]", TEXT)
    assert not re.search(r"://\w+:[^$@\s]+@", TEXT)


@pytest.mark.parametrize("name", ["SERVICE_SECRET", "TICKET_SECRET", "POSTGRES_ADMIN_PASSWORD"])
def test_without_a_secret_nothing_starts_and_it_is_said_what_to_do(name: str) -> None:
    said = config(TEXT, {key: value for key, value in SECRETS.items() if key != name})
    assert said.returncode != 0
    assert f"required variable {name} is missing a value: run make env first" in said.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_told_what_it_needs_and_nothing_that_it_does_not_know(name: str) -> None:
    told = service(name)["environment"]
    assert not images.wrong_settings(name, told)
    assert set(told) >= images.TELEMETRY
    # All of it, as the service would read it.
    values = {**images.baked(name), **told}
    images.SETTINGS[name].model_validate(
        {key.lower(): value for key, value in values.items() if value != ""}
    )


# What the README says is said elsewhere: by the ports, by --scale, and by servers of its own.
NOT_IN_COMPOSE = {
    "CIRCLES_BIND",
    "CIRCLES_STATE",
    "REPLICAS",
    "CHAT_REPLICAS",
    "GROUPS_REPLICAS",
} | {*("DATABASE_URL", "AMQP_URL")}


def test_whoever_sets_something_in_env_is_not_ignored() -> None:
    named = images.settings_of_the_readme()
    assert len(named) > 25
    taken = set(re.findall(r"\$\{([A-Z_]+)", TEXT))
    assert named - taken == NOT_IN_COMPOSE
    for name in SERVICES:
        # The rest is settled by the image and by the container.
        assert images.known(name) - set(service(name)["environment"]) == {"HOST", "PORT", "REPLICA"}


def test_what_is_set_arrives_and_what_is_not_set_is_as_the_service_has_it() -> None:
    said = config(TEXT, {**SECRETS, "HEARTBEAT_SECONDS": "7", "GATEWAY_HEADER_TIMEOUT": "3s"})
    found = json.loads(said.stdout)["services"]
    assert found["notifier"]["environment"]["HEARTBEAT_SECONDS"] == "7"
    assert found["gateway"]["environment"]["GATEWAY_HEADER_TIMEOUT"] == "3s"
    for name in SERVICES:
        told = service(name)["environment"]
        for variable, value in images.defaults(name).items():
            if told.get(variable) and variable not in SECRETS:
                assert told[variable] == value, variable
    for timeout in ("GATEWAY_HEADER_TIMEOUT", "GATEWAY_BODY_TIMEOUT"):
        value = service("gateway")["environment"][timeout]
        assert f"{{${timeout}:{value}}}" in (ROOT / "gateway/Caddyfile").read_text()


def test_the_jobs_are_told_everything_that_they_ask_for() -> None:
    asked = {name for part in PARTS for name in variables_of(part)}
    assert asked == set(service("jobs")["environment"])


def test_addresses_name_services_and_their_ports() -> None:
    ports = {name: images.port(name) for name in SERVICES}
    ports |= {"postgres": 5432, "rabbitmq": 5672}
    for name in (*SERVICES, "jobs"):
        for variable, value in service(name)["environment"].items():
            if variable.endswith("URL") and value and variable != "MANAGEMENT_URL":
                url = URL(value)
                assert ports[str(url.host)] == url.port, f"{variable} of {name}"
    for name in SERVICES:
        upstreams = service("gateway")["environment"][f"{name.upper()}_UPSTREAMS"]
        assert upstreams == f"{name}:{ports[name]}"
        assert str(ports[name]) in " ".join(service(name)["healthcheck"]["test"])


@pytest.mark.parametrize("name", ALL)
def test_a_container_can_do_nothing_but_its_work(name: str) -> None:
    said = service(name)
    assert said["read_only"] is True
    assert said["cap_drop"] == ["ALL"]
    assert said["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "devices", "network_mode", "pid", "ipc"} & set(said)
    assert int(said["mem_limit"]) >= 256 * MEGABYTE
    assert 0 < said["pids_limit"] <= 4096
    # Ours say in their image that they are not root's.
    if name in CORE:
        assert "build" in said or said["user"] not in ("root", "0")
    # Nothing of the host is in it but files from here, to read; least of all the engine's socket.
    for volume in said.get("volumes", []):
        if volume["type"] != "volume":
            assert volume["read_only"] is True
            assert Path(volume["source"]).resolve().is_relative_to(ROOT)
            assert Path(volume["source"]).exists()


@pytest.mark.parametrize("name", [name for name in CORE if name != "jobs"])
def test_a_container_says_whether_it_is_well(name: str) -> None:
    healthcheck = service(name)["healthcheck"]
    assert healthcheck["test"][0] == "CMD"
    assert healthcheck["interval"] and healthcheck["timeout"] and healthcheck["retries"] > 1


def test_only_the_gateway_is_reachable_from_outside() -> None:
    [door] = service("gateway")["ports"]
    assert (door["published"], door["target"]) == ("8080", images.port("gateway"))
    for name in ALL:
        for published in service(name).get("ports", []):
            assert name == "gateway" or published["host_ip"] == "127.0.0.1"
    in_network = {
        network: {name for name in CORE if network in service(name)["networks"]}
        for network in composed()["networks"]
    }
    assert in_network == {
        "outside": {"gateway"},
        "services": {"gateway", *SERVICES},
        "data": {*SERVICES, "jobs", "postgres", "rabbitmq"},
    }
    assert composed()["networks"]["data"]["internal"] is True


def test_everything_waits_for_what_it_needs() -> None:
    waits = {
        name: {
            each: said["condition"] for each, said in service(name).get("depends_on", {}).items()
        }
        for name in CORE
    }
    assert waits["jobs"] == {"postgres": "service_healthy", "rabbitmq": "service_healthy"}
    for name in SERVICES:
        assert waits[name] == {"jobs": "service_completed_successfully"}
    assert waits["gateway"] == dict.fromkeys(SERVICES, "service_healthy")
    for name, others in waits.items():
        for other, condition in others.items():
            assert condition != "service_healthy" or "healthcheck" in service(other), name


@pytest.mark.parametrize("name", SERVICES)
def test_a_stop_leaves_time_to_drain(name: str) -> None:
    drain = float(service(name)["environment"]["DRAIN_SECONDS"])
    grace = float(service(name)["stop_grace_period"].removesuffix("s"))
    assert grace >= drain + images.LEAVING_TO_SETTLED + 5


def test_every_file_that_compose_names_is_there() -> None:
    built = {name for name in ALL if "build" in service(name)}
    assert built == set(images.DOCKERFILES)
    for name in built:
        build = service(name)["build"]
        assert Path(build["context"]) == ROOT
        assert ROOT / build["dockerfile"] == images.DOCKERFILES[name]
        assert images.DOCKERFILES[name].is_file()


def test_images_of_others_are_named_with_a_version() -> None:
    for name in ALL:
        if image := service(name).get("image"):
            assert re.search(r":v?\d", image), image


def test_everything_that_is_declared_is_used() -> None:
    sources = {volume["source"] for name in ALL for volume in service(name).get("volumes", [])}
    assert set(composed()["volumes"]) <= sources
    networks = {network for name in ALL for network in service(name)["networks"]}
    # Nobody is left in a network that the file does not name.
    assert networks == set(composed()["networks"]) == {"outside", "services", "data"}


def test_a_plain_up_starts_all_that_people_need() -> None:
    assert set(CORE) == {"postgres", "rabbitmq", "jobs", *SERVICES, "gateway"}
