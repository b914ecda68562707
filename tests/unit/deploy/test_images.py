"""Dockerfiles, as far as they can be checked without building them."""

import re

import pytest

from launcher.credentials import SERVICES
from launcher.paths import ROOT
from tests.unit.deploy.images import DOCKERFILES, USER, baked, port


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_holds_one_service(service: str) -> None:
    copied = re.findall(r"^COPY (?!--from)(\S+)", DOCKERFILES[service].read_text(), re.MULTILINE)
    assert copied == ["requirements.lock", "shared", "services/__init__.py", f"services/{service}"]
    assert str(port(service)) == baked(service)["PORT"]


@pytest.mark.parametrize("image", DOCKERFILES)
def test_an_image_runs_as_nobody_and_is_made_of_what_is_there(image: str) -> None:
    text = DOCKERFILES[image].read_text()
    # A number: Kubernetes can't tell whether a name is root's.
    assert re.findall(r"^USER (.+)$", text, re.MULTILINE) == [f"{USER}:{USER}"]
    assert text.index("USER ") < text.index("CMD ")
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        for source in sources.split():
            assert (ROOT / source).exists(), source


@pytest.mark.parametrize("image", DOCKERFILES)
def test_an_image_says_which_version_of_which_base_it_is_made_from(image: str) -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILES[image].read_text(), re.MULTILINE)
    assert all(re.search(r":\d+\.\d+", base) for base in bases)


def test_no_image_takes_secrets_or_history_along() -> None:
    taken = (ROOT / ".dockerignore").read_text().split()
    assert taken[0] == "*"
    for kept_out in (".env", ".git", ".circles", "tests"):
        assert f"!{kept_out}" not in taken
