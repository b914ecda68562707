"""How long to go on, and what came of it."""

import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus

from hypothesis import settings

# 0 is the short form: one round of each, and always the same.
SECONDS = float(os.environ.get("FUZZ_SECONDS") or 0)
PROGRESS_SECONDS = 5.0


@dataclass(frozen=True)
class Target:
    """What is tried; whether it answers over HTTP, and whether it could change what is stored."""

    words: str
    answers: bool = False
    writes: bool = False


# In the order of the report; each has the same share of the time.
TARGETS = {
    "events": Target("Envelopes and what only looks like one, at the decoder of events"),
    "tokens": Target("Tokens at the verifier: forged, misspelt, of every wrong type"),
    "doors": Target("The same at the services' doors, and as tickets", answers=True, writes=True),
    "frames": Target("The event stream's encoder, read by two readers written from the standard"),
    "cursors": Target(
        "`Last-Event-ID`, `lastEventId`, `after` and acknowledgements", answers=True, writes=True
    ),
    "requests": Target(
        "Requests on raw sockets at the gateway: smuggling, internal doors, overrides",
        answers=True,
        writes=True,
    ),
}


def is_failure(status: int) -> bool:
    """Whether an answer is a server's failure. A coding or a version of HTTP that it does not know
    (501 and 505; RFC 9112, section 6.1; RFC 9110, section 15.6.6) is a refusal by the standard."""
    known = status not in (HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.HTTP_VERSION_NOT_SUPPORTED)
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR and known


@dataclass
class Figures:
    """`answers` counts what the inputs came to, as a status or in words; `server_errors` and
    `changes` must stay 0. Inputs are counted before they are judged: what fails is in the figures.
    """

    seed: int
    tried: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    server_errors: int = 0
    changes: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def count(self, answer: str | int) -> None:
        self.tried += 1
        self.answers[str(answer)] += 1
        self.server_errors += isinstance(answer, int) and is_failure(answer)


class Effort:
    """The figures of a run."""

    def __init__(self) -> None:
        self.figures: dict[str, Figures] = {}

    def rounds(self, target: str) -> Iterator[Figures]:
        """One round, or as many as the target's share of the time allows."""
        seed = random.SystemRandom().getrandbits(32) if SECONDS else 0
        figures = self.figures[target] = Figures(seed)
        until = time.monotonic() + SECONDS / len(TARGETS)
        shown = 0.0
        while True:
            yield figures
            now = time.monotonic()
            if SECONDS and (now - shown > PROGRESS_SECONDS or now >= until):
                shown = now
                _say(f"  {target}: {figures.tried:,} tried, {max(0.0, until - now):.0f} s to go")
            if now >= until:
                return


def examples(briefly: int, at_once: int = 500) -> settings:
    """How Hypothesis goes about one round."""
    return settings(
        max_examples=at_once if SECONDS else briefly,
        derandomize=not SECONDS,
        database=None,
        deadline=None,
    )


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
