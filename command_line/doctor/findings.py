"""What a check found."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    OK = "ok"
    ADVICE = "advice"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """`seen` is what was observed, in a line; `change` what to do about it, by proxy."""

    verdict: Verdict
    seen: str
    change: Sequence[str] = field(default=())


def ok(seen: str) -> Finding:
    return Finding(Verdict.OK, seen)


def advice(seen: str, change: Sequence[str] = ()) -> Finding:
    return Finding(Verdict.ADVICE, seen, change)


def failed(seen: str, change: Sequence[str] = ()) -> Finding:
    return Finding(Verdict.FAILED, seen, change)


def skipped(why: str) -> Finding:
    return Finding(Verdict.SKIPPED, why)


@dataclass(frozen=True, slots=True)
class Result:
    """A finding, and the name of the check that made it."""

    check: str
    finding: Finding
