"""docs/reliability/mutations.md: which guarantee was broken, and what noticed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from launcher.paths import ROOT, STATE, shown
from tests.faults.mutations import Mutation
from tests.faults.runner import Result

_PAGE = """# Broken on purpose

A count that finds nothing proves something only if it finds what is there. `make faults-selftest`
wrote this page: it copies the tree, breaks one guarantee, starts the system from the copy, runs the
scenario that must notice, and fails if that does not. Before, the same scenarios found nothing in
the unbroken copy. {count} mutants in {minutes} minutes.

| guarantee | mutation | scenario | caught by |
| --- | --- | --- | --- |
{rows}

A mutation is an entry in `tests/faults/mutations.py`. When its text is no longer in the tree, a
unit test says so.

## What it showed

- A stream that resumes carelessly loses nothing by that alone: the next frame or heartbeat shows it
  the gap, and it reads. Both mutations of resuming take that second guard away as well.
- An event counts as routed as soon as any queue takes it, and the log takes all. So `lost-routes`
  unbinds the log too. If a service's queue alone is unbound, the broker reports nothing: what was
  told meanwhile is in the log, and comes by `make replay` once the topology job has run.
"""


@dataclass(frozen=True)
class Outcome:
    mutation: Mutation
    result: Result

    @property
    def caught_by(self) -> Sequence[str]:
        """The violations that were due; empty if none was found."""
        due = self.mutation.found_as
        return [v for v in self.result.violations if any(kind in v for kind in due)]

    @property
    def verdict(self) -> str:
        if not self.caught_by:
            others = "; ".join(self.result.violations) or "nothing was found"
            return f"NOT CAUGHT: {_plain(others)}"
        first, *more = map(_plain, self.caught_by)
        return f"{first}, and for {len(more)} readers more" if more else first


def _plain(violation: str) -> str:
    """Without its examples, which are ids."""
    return re.sub(r": (\(UUID|\(\d|came to|f[0-9a-f]{8}).*", "", violation)


def write_page(outcomes: Sequence[Outcome], seconds: float, *, whole: bool) -> str:
    """Under docs for a run of everything, else under the state folder; its address."""
    folder = (ROOT / "docs" if whole else STATE / "faults") / "reliability"
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        f"| {o.mutation.breaks} | {o.mutation.name} | {o.mutation.scenario} | {o.verdict} |"
        for o in outcomes
    ]
    page = folder / "mutations.md"
    page.write_text(
        _PAGE.format(count=len(outcomes), minutes=f"{seconds / 60:.0f}", rows="\n".join(rows))
    )
    return shown(page)
