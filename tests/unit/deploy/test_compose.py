"""docker-compose.yml, as far as it can be checked without an engine."""

import re

import pytest
from yarl import URL

from launcher.compose import NAMES
from launcher.credentials import SERVICES
from launcher.jobs import PARTS, variables_of
from launcher.paths import ROOT
from shared.web.server import SHUTDOWN_SECONDS
from tests.unit.deploy import images
from tests.unit.deploy.compose_schema import validate
from tests.unit.deploy.composed import (
    ALL,
    CORE,
    SECRETS,
    TEXT,
    Unset,
    composed,
    networks_of,
    service,
    with_variables,
)

MEGABYTES = {"m": 1, "g": 1024}


def test_the_file_is_what_the_compose_specification_asks_for() -> None:
    validate(composed())


def test_a_mistake_in_the_file_is_noticed() -> None:
    for wrong in ({"memlimit": "1g"}, {"depends_on": {"chat": {"condition": "service_well"}}}):
        with pytest.raises(ValueError, match=r"services/chat"):
            validate({"services": {"chat": {"image": "x", **wrong}}})


def test_every_secret_comes_from_the_env_file_and_each_one_there_is_used() -> None:
    used = set(re.findall(r"\$\{([A-Z_]*(?:SECRET|PASSWORD))(?::?\?[^}]*)?\}", TEXT))

    assert used == set(NAMES)
    assert not re.search(r"(PASSWORD|SECRET|PASS): [^$\s]", TEXT)
    assert not re.search(r"://\w+:[^$@\s]+@", TEXT)


@pytest.mark.parametrize("name", ["SERVICE_SECRET", "TICKET_SECRET", "POSTGRES_ADMIN_PASSWORD"])
def test_without_a_secret_nothing_starts_and_it_is_said_what_to_do(name: str) -> None:
    with pytest.raises(Unset, match=f"{name}: run make env first"):
        with_variables({key: value for key, value in SECRETS.items() if key != name})


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_told_what_it_needs_and_nothing_that_it_does_not_know(name: str) -> None:
    told = service(name)["environment"]
    assert not images.wrong_settings(name, told)
    # All of it, as the service would read it.
    values = {**images.baked(name), **told}
    images.SETTINGS[name].model_validate(
        {key.lower(): value for key, value in values.items() if value != ""}
    )


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
    size = re.fullmatch(r"(\d+)([mg])", said["mem_limit"])
    assert size and int(size[1]) * MEGABYTES[size[2]] >= 256
    assert 0 < said["pids_limit"] <= 4096
    # Ours say in their image that they are not root's.
    assert "build" in said or said["user"] not in ("root", "0")
    # Nothing of the host is in it but files from here, to read; least of all the engine's socket.
    for volume in said.get("volumes", []):
        source, *_, mode = volume.split(":")
        assert source in composed()["volumes"] or (mode == "ro" and (ROOT / source).exists())


@pytest.mark.parametrize("name", [name for name in CORE if name != "jobs"])
def test_a_container_says_whether_it_is_well(name: str) -> None:
    healthcheck = service(name)["healthcheck"]
    assert healthcheck["test"][0] == "CMD"
    assert healthcheck["interval"] and healthcheck["timeout"] and healthcheck["retries"] > 1


def test_only_the_gateway_is_reachable_from_outside() -> None:
    assert service("gateway")["ports"] == [f"8080:{images.port('gateway')}"]
    for name in ALL:
        for published in service(name).get("ports", []):
            assert name == "gateway" or published.startswith("127.0.0.1:")
    in_network = {
        network: {name for name in CORE if network in networks_of(name)}
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
    # aiohttp counts its time-out for handlers and again for connections.
    assert grace >= drain + 2 * SHUTDOWN_SECONDS


def test_every_file_that_compose_names_is_there() -> None:
    for name in ALL:
        if build := service(name).get("build"):
            assert build["context"] == "."
            assert ROOT / build["dockerfile"] == images.DOCKERFILES[name]
            assert images.DOCKERFILES[name].is_file()


def test_images_of_others_are_named_with_a_version() -> None:
    for name in ALL:
        if image := service(name).get("image"):
            assert re.search(r":\d", image), image


def test_every_named_thing_is_declared_and_used() -> None:
    sources = {v.partition(":")[0] for name in ALL for v in service(name).get("volumes", [])}
    assert {source for source in sources if not source.startswith(".")} == set(
        composed()["volumes"]
    )
    networks = {network for name in ALL for network in networks_of(name)}
    assert networks == set(composed()["networks"])


def test_a_plain_up_starts_all_that_people_need() -> None:
    assert set(CORE) == {"postgres", "rabbitmq", "jobs", *SERVICES, "gateway"}
