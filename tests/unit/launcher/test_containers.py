"""docker-compose.yml and Dockerfiles, as far as they can be checked without running them."""

import re

import pytest

from launcher.compose import NAMES
from launcher.credentials import SERVICES
from launcher.paths import ROOT

COMPOSE = (ROOT / "docker-compose.yml").read_text()


def test_every_secret_comes_from_the_env_file_and_each_one_there_is_used() -> None:
    used = set(re.findall(r"\$\{([A-Z_]*(?:SECRET|PASSWORD))(?::?\?[^}]*)?\}", COMPOSE))

    assert used == set(NAMES)
    assert not re.search(r"(PASSWORD|SECRET): [^$\s]", COMPOSE)


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_holds_one_service_and_runs_without_root(service: str) -> None:
    dockerfile = (ROOT / "services" / service / "Dockerfile").read_text()

    copied = re.findall(r"^COPY (?!--from)(\S+)", dockerfile, re.MULTILINE)
    assert copied == ["requirements.lock", "shared", "services/__init__.py", f"services/{service}"]
    assert "USER 65532:65532" in dockerfile


def test_every_file_that_compose_names_is_there() -> None:
    for path in re.findall(r"dockerfile: ([^}\s]+)", COMPOSE):
        assert (ROOT / path).is_file()
