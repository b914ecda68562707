"""The materials: Python packages, libraries for browsers, and images, each from the file that pins
it."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
_PACKAGE = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_VENDORED = re.compile(
    r"^\| `(?P<file>[^`]+)` \| (?P<name>[^,]+), [^|]+\| (?P<version>\S+) \| (?P<licence>[^,]+),"
)
_BASE = re.compile(r"^FROM (?P<image>\S+)", re.MULTILINE)
_IMAGE = re.compile(r"^ +image: (?P<image>\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Material:
    """`url` is a package URL (https://github.com/package-url/purl-spec); `licence` an SPDX
    expression, empty when the package does not say one; `hashes` are SHA-256, of any of the files
    that may be installed."""

    kind: str
    name: str
    version: str
    url: str
    licence: str = ""
    hashes: tuple[str, ...] = field(default=())


def python_packages(lock: Path = ROOT / "requirements.lock") -> Iterator[Material]:
    """Each package of the lock, those for development among them: images hold them too."""
    for block in re.split(r"\n(?=[A-Za-z0-9])", lock.read_text()):
        if found := _PACKAGE.match(block):
            name, version = found[1], found[2]
            yield Material(
                "library",
                name,
                version,
                f"pkg:pypi/{name.lower().replace('_', '-')}@{version}",
                _licence(name),
                tuple(_HASH.findall(block)),
            )


def _licence(name: str) -> str:
    """What the installed package says, if it is installed here and says it as SPDX has it."""
    try:
        said = metadata.metadata(name)
        return str(said["License-Expression"] or "")
    except metadata.PackageNotFoundError:
        return ""


def vendored(folder: Path = ROOT / "web" / "app" / "vendor") -> Iterator[Material]:
    """Each library for browsers that is in the repository, once for each of its packages."""
    files: dict[tuple[str, str, str], list[str]] = {}
    for line in (folder / "README.md").read_text().splitlines():
        if found := _VENDORED.match(line):
            content = (folder / found["file"]).read_bytes()
            key = (found["name"], found["version"], found["licence"])
            files.setdefault(key, []).append(hashlib.sha256(content).hexdigest())
    for (name, version, licence), hashes in files.items():
        url = f"pkg:npm/{name}@{version}"
        yield Material("library", name, version, url, licence, tuple(hashes))


def images() -> Iterator[Material]:
    """Each image that ours are made from, or that runs beside them."""
    named: dict[str, None] = {}
    for dockerfile in sorted(ROOT.glob("*/Dockerfile")) + sorted(
        ROOT.glob("services/*/Dockerfile")
    ):
        named |= dict.fromkeys(found["image"] for found in _BASE.finditer(dockerfile.read_text()))
    compose = (ROOT / "docker-compose.yml").read_text()
    named |= dict.fromkeys(found["image"] for found in _IMAGE.finditer(compose))
    for image in named:
        name, _, version = image.partition(":")
        yield Material("container", name, version, f"pkg:docker/{name}@{version}")


def all_materials() -> list[Material]:
    return [*python_packages(), *vendored(), *images()]
