"""How long to go on, and what came of it."""

import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from hypothesis import settings

# 0 is the short form: one round of each, and always the same.
SECONDS = float(os.environ.get("FUZZ_SECONDS") or 0)
PROGRESS_SECONDS = 5.0

# Who breaks them, in the order of the report; each has the same share of the time.
TARGETS = {
    "events": "Envelopes and what only looks like one, at the decoder of events",
    "tokens": "Tokens at the verifier: forged, misspelt, of every wrong type",
    "doors": "The same at every service's door, and as tickets",
    "frames": "The event stream's encoder, read by two readers written from the standard",
    "cursors": "`Last-Event-ID`, `lastEventId`, `after` and acknowledgements",
    "requests": "Requests on raw sockets at the gateway: smuggling, internal doors, overrides",
}


@dataclass
class Figures:
    """`answers` counts what the inputs came to; `server_errors` and `changes` must stay 0."""

    seed: int
    tried: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    server_errors: int = 0
    changes: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def count(self, answer: str) -> None:
        self.tried += 1
        self.answers[answer] += 1
        # 501 and 505 say that a coding or a version of HTTP is not known: refusals by the standard.
        self.server_errors += answer in ("500", "502", "503", "504")


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
