"""docs/security/fuzzing.md: the figures of a long run."""

from collections.abc import Mapping
from datetime import date

from tests.fuzz.effort import TARGETS, Figures

_HEAD = """# Malformed input

What nobody would send in earnest, made up for {seconds:.0f} seconds on {cores} cores, {today}.
`make fuzz SECONDS=600` makes this page anew; every `make test` runs a short form of it, and
requests made up from the contract besides (`make contract-fuzz`).

| what | inputs tried | answered 5xx | changed state without being accepted |
|---|---:|---:|---:|
"""
_PROMISES = """
A dash stands where nobody answers over HTTP, or nothing is stored. What is held against each input:

- **Events**: what the published schema of a type allows is read, and written again the same; all
  else is refused with the decoder's own error, never with another. Whole numbers are written in
  digits alone, as every writer of ours does.
- **Tokens**: whoever was not let in by the issuer gets 401 with one and the same problem, which
  tells nothing of what was wrong beyond *invalid* or *expired*.
- **The stream's encoder**: whatever JSON can hold stays one event, cut at any byte.
- **Cursors**: everything after a cursor, once and in order, or a reset; never a hole. What is no
  cursor acknowledges nothing.
- **Requests**: none reaches an internal door, puts the next request on the connection out of step,
  reaches somebody else's, or changes something that was not answered with success.

501 and 505 are how HTTP refuses a transfer coding or a version that a server does not know; they
are no failures. What came of them:

| what | answers |
|---|---|
"""


def page(figures: Mapping[str, Figures], seconds: float, today: date, cores: int) -> str:
    """The page, in Markdown."""
    total = [figures[name] for name in TARGETS]
    rows = [
        f"| {target.words} | {figures[name].tried:,} "
        f"| {figures[name].server_errors if target.answers else '–'} "
        f"| {figures[name].changes if target.writes else '–'} |\n"
        for name, target in TARGETS.items()
    ]
    rows.append(
        f"| **All** | **{sum(f.tried for f in total):,}** "
        f"| **{sum(f.server_errors for f in total)}** | **{sum(f.changes for f in total)}** |\n"
    )
    answers = [
        f"| {name} | "
        + ", ".join(f"{answer} {n:,}" for answer, n in figures[name].answers.most_common())
        + " |\n"
        for name in TARGETS
    ]
    head = _HEAD.format(seconds=seconds, cores=cores, today=today.isoformat())
    return head + "".join(rows) + _PROMISES + "".join(answers)
