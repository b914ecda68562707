"""What an operator sees of a replay: how far it is and how fast, and in the end what it did."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from shared.operations.replaying import Tally


@contextmanager
def show(tally: Tally, what: str) -> Iterator[Callable[[], None]]:
    """Progress for the length of the block; the function it gives says that `tally` has moved."""
    progress = Progress(
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]} events/s"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    began = time.monotonic()
    with progress:
        task = progress.add_task(what, total=None, rate="–")

        def watch() -> None:
            rate = tally.read / max(time.monotonic() - began, 0.001)
            # Up to where it has read; where it began is known with the first batch.
            left = tally.ends.last - tally.reached if tally.ends and tally.reached >= 0 else None
            total = None if left is None else tally.read + max(left, 0)
            progress.update(task, completed=tally.read, total=total, rate=f"{rate:,.0f}")

        yield watch
        tally.seconds = time.monotonic() - began


def summarize(tally: Tally, *, dry_run: bool) -> None:
    """One paragraph on standard output, and each failure that is kept."""
    console = Console(highlight=False, soft_wrap=True)
    rate = tally.read / tally.seconds if tally.seconds else 0.0
    console.print(f"Read {tally.read} events in {tally.seconds:.1f} s ({rate:,.0f}/s).")
    if tally.ends is None:
        console.print("The log is empty.")
    elif tally.ends.first > 0:
        console.print(f"The log begins at offset {tally.ends.first}: what is older has expired.")
    if dry_run:
        console.print(f"Matched {tally.matched}; nothing was changed.")
    else:
        console.print(
            f"Matched {tally.matched}: {tally.new} handled now, {tally.skipped} skipped (handled "
            f"before, or telling nobody), {tally.failed} failed."
        )
    for failure in tally.failures:
        console.print(f"  ✗ {failure}", markup=False)
    if tally.failed > len(tally.failures):
        console.print(f"  … and {tally.failed - len(tally.failures)} more")
    if tally.reached >= 0:
        console.print(f"To go on from here later: --offset {tally.reached + 1}")
