"""What a person sees while things start and stop: one line per step, with its seconds."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


class Progress:
    """Lines on stderr or stdout; steps that run at the same time report as each one ends."""

    def __init__(self, quiet: bool = False, stderr: bool = False) -> None:
        self.console = Console(stderr=stderr, quiet=quiet, highlight=False, soft_wrap=True)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Report `what` with its duration once the block has ended well."""
        started = time.monotonic()
        yield
        seconds = time.monotonic() - started
        self.console.print(f"  [green]✓[/] {what} [dim]{seconds:.1f} s[/]")

    def note(self, text: str) -> None:
        self.console.print(f"  [dim]·[/] {text}")

    def warn(self, text: str) -> None:
        self.console.print(f"  [yellow]![/] {text}", markup=True)

    def say(self, text: str) -> None:
        """Print text as it is, without any markup of its own being interpreted."""
        self.console.print(text, markup=False)


def fail(error: Exception) -> int:
    """Report a failure in one line and return the exit code that goes with it."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(
        f"[red]✗[/] [not bold]{_escaped(str(error))}[/]"
    )
    sys.stderr.flush()
    return 1


def _escaped(text: str) -> str:
    return text.replace("[", r"\[")
