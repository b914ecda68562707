"""docker-compose.yml as `docker compose config` would show it: merged, and with its variables."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml

from launcher.compose import NAMES
from launcher.paths import ROOT

Json = dict[str, Any]

TEXT = (ROOT / "docker-compose.yml").read_text()
# As `make env` writes them, each with a value that is nobody's.
SECRETS: Mapping[str, str] = {name: f"{name.lower()}-of-thirty-two-characters" for name in NAMES}
_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?:(?P<how>:?[-?])(?P<rest>[^}]*))?\}")


class Unset(Exception):
    """A variable that the file asks for has no value."""


@cache
def composed() -> Json:
    """The file with the secrets of `make env`, and nothing else set."""
    return with_variables(SECRETS)


def with_variables(variables: Mapping[str, str]) -> Json:
    """The file with these variables. Raises Unset."""

    def value(found: re.Match[str]) -> str:
        name, how, rest = found["name"], found["how"] or "", found["rest"] or ""
        given = variables.get(name)
        is_missing = not given if how.startswith(":") else given is None
        if not is_missing:
            return str(given)
        if how.endswith("-"):
            return rest
        raise Unset(f"{name}: {rest or 'is not set, and has no default'}")

    loaded: Json = yaml.safe_load(_VARIABLE.sub(value, TEXT))
    return loaded


def service(name: str) -> Json:
    found: Json = composed()["services"][name]
    return found


ALL = list(composed()["services"])
# Those that a plain `docker compose up` starts.
CORE = [name for name in ALL if not service(name).get("profiles")]


def networks_of(name: str) -> list[str]:
    found: list[str] = service(name).get("networks", ["default"])
    return found
