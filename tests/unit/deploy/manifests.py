"""The manifests in deploy/kubernetes, read as they stand."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from launcher.paths import ROOT

Json = dict[str, Any]

FOLDER = ROOT / "deploy" / "kubernetes"
KUSTOMIZATIONS = sorted(FOLDER.glob("*/kustomization.yaml"))
FILES = sorted(set(FOLDER.glob("*/*.yaml")) - set(KUSTOMIZATIONS))


@cache
def documents(path: Path) -> tuple[Json, ...]:
    return tuple(yaml.safe_load_all(path.read_text()))


def objects(kind: str | None = None) -> Iterator[Json]:
    """Every object, or those of a kind."""
    for path in FILES:
        for found in documents(path):
            if kind in (None, found["kind"]):
                yield found


def named(kind: str, name: str) -> Json:
    [found] = [each for each in objects(kind) if each["metadata"]["name"] == name]
    return found


def template(workload: Json) -> Json:
    """Of the pods that a Deployment, a Job or a CronJob starts."""
    spec = workload["spec"]
    found: Json = spec.get("jobTemplate", workload)["spec"]["template"]
    return found


def pod(workload: Json) -> Json:
    """What it starts."""
    found: Json = template(workload)["spec"]
    return found


def container(workload: Json) -> Json:
    [found] = pod(workload)["containers"]
    only: Json = found
    return only


def environment(workload: Json) -> Json:
    """The variables of its container, each with its value or where that comes from."""
    own = container(workload)
    told: Json = {}
    for source in own.get("envFrom", []):
        assert source == {"configMapRef": {"name": "circles-settings"}}
        told |= settings()
    return told | {each["name"]: each.get("value", each.get("valueFrom")) for each in own["env"]}


def settings() -> dict[str, str]:
    """What the services' map of settings holds."""
    [made] = documents(FOLDER / "services" / "kustomization.yaml")[0]["configMapGenerator"]
    return dict(line.split("=", 1) for line in made["literals"])
