"""The secrets of one checkout: made on first use, kept in `.circles/secrets.json`, mode 600."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from launcher.errors import LaunchError
from launcher.paths import STATE, shown

SERVICES = ("groups", "chat", "notifier")

NAMES = (
    "token_secret",
    "service_secret",
    "ticket_secret",
    "erlang_cookie",
    "postgres_admin",
    "rabbitmq_admin",
    *(f"postgres_{service}_owner" for service in SERVICES),
    *(f"postgres_{service}" for service in SERVICES),
    *(f"rabbitmq_{service}" for service in SERVICES),
)

# There once SERVICE_SECRET, which serves for it before, is another than when people were erased.
ERASURE = "erasure_secret"


def load(folder: Path = STATE) -> Mapping[str, str]:
    """Read the secrets; make those that are missing. Safe to call from two programs at once."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "secrets.json"
    with _locked(folder):
        known = _read(path)
        missing = [name for name in NAMES if name not in known]
        if missing:
            known |= {name: secrets.token_hex(32) for name in missing}
            _write(path, known)
    return known


def replace(folder: Path, fresh: Mapping[str, str]) -> None:
    """Put these secrets in the place of those of the same names; the others stay."""
    with _locked(folder):
        path = folder / "secrets.json"
        _write(path, {**_read(path), **fresh})


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / "secrets.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _read(path: Path) -> dict[str, str]:
    try:
        known = json.loads(path.read_text())
        if not isinstance(known, dict) or not all(isinstance(v, str) for v in known.values()):
            raise ValueError
    except FileNotFoundError:
        return {}
    except PermissionError as error:
        raise LaunchError(
            f"{shown(path)} belongs to another user. Run as that user, or remove {path.parent}."
        ) from error
    except ValueError as error:
        raise LaunchError(
            f"{shown(path)} is not readable as JSON. Restore it, or remove {shown(path.parent)} "
            "to start from nothing."
        ) from error
    return known


def _write(path: Path, known: Mapping[str, str]) -> None:
    """Replace the file in one step: a half-written one would lock us out of our own data."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(known, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
