"""The table as a page: docs/security/access.md."""

from collections.abc import Iterable, Iterator
from typing import Any

from launcher.paths import ROOT
from tests.access import broker, databases, doors
from tests.access.table import Access

_SAID = {True: "may", False: "refused", None: ""}
PAGE = ROOT / "docs" / "security" / "access.md"

_HEAD = """# Who may do what

Written by `make access` from [`tests/access`](../../tests/access); every line is tried out on real
servers by `tests/integration/shared/test_permissions.py` and
`tests/scenarios/test_doors_stay_shut.py`. What stands behind it: [SECURITY.md](../../SECURITY.md).
"""
_BROKER = """
## At the broker

Each service has a user of its own; `counter` stands for a program that
[reads the log](../attach-a-service.md). The administrator's user is the one-shot job's. What chat
and the notifier may past the exchanges, the version before them needs to park; 0.2.0 takes it away.
"""
_DATABASES = """
## At the databases

Each service runs as a role that can neither own nor change a table. Its database belongs to another
role, with which the one-shot job migrates.
"""
_DOORS = """
## At the doors

How each kind of doors answers to what a caller shows.
"""


def text() -> str:
    """The whole page."""
    return "".join(_parts())


def _parts() -> Iterator[str]:
    yield _HEAD
    yield _BROKER
    yield from _rights([*broker.CHANNELS, *broker.CONNECTIONS])
    yield _DATABASES
    yield from _rights([*databases.ROLES, *databases.CONNECTIONS])
    yield _DOORS
    yield from _credentials()


def _rights(lines: Iterable[Access[Any]]) -> Iterator[str]:
    """Who may, and who is refused; nothing where it makes no sense to try."""
    found = {(line.what, line.who): line.may for line in lines}
    people = list(dict.fromkeys(who for _, who in found))
    yield f"\n| | {' | '.join(people)} |\n|---|{'---|' * len(people)}\n"
    attempts = dict.fromkeys(what for what, _ in found)
    # What somebody may comes first.
    for what in sorted(attempts, key=lambda each: not any(found.get((each, p)) for p in people)):
        said = (_SAID[found.get((what, who))] for who in people)
        yield f"| {what} | {' | '.join(said)} |\n"


def _credentials() -> Iterator[str]:
    yield f"\n| shown | {' | '.join(kind.name for kind in doors.KINDS)} |\n"
    yield f"|---|{'---|' * len(doors.KINDS)}\n"
    for shown in doors.CREDENTIALS:
        answers = (
            "let in" if shown in kind.opened_by else str(kind.refused) for kind in doors.KINDS
        )
        yield f"| {shown} | {' | '.join(answers)} |\n"
    yield "\nThe calls are all of [openapi.json](../openapi.json); the doors of services:\n\n"
    for method, path, service in doors.INTERNAL:
        yield f"- {service}: `{method} {doors.shape_of(path)}`\n"
