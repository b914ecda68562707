"""`python -m services.<service> replay …` and `parked …`: what each service's entry gives on to."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import click

from shared.errors import Refusal
from shared.events.registry import FACTS
from shared.operations.parked import parked_commands
from shared.operations.rebuilding import Rebuild, lost_by_rebuilding, rebuild
from shared.operations.replaying import Choice, Handle, Replay, Tally, ensure_nothing_is_overtaken
from shared.operations.screen import show, summarize
from shared.rabbitmq.parked import ParkedUnreadable
from shared.rabbitmq.replay import Log, LogUnreadable, Start, opened_log
from shared.rabbitmq.topology import SERVICE_QUEUES, ServiceQueue

# The exit code of a comparison that finds something to lose; 1 and 2 are those of failures.
WOULD_LOSE = 3


@dataclass(frozen=True)
class Operated:
    """A service to an operator: its handler, opened on its database. `rebuild` is None for a
    service whose database can't be made from the log."""

    handle: Handle
    rebuild: Rebuild | None = None


# Opens the service; the flag says that nobody is to be told of what is handled.
Open = Callable[[bool], AbstractAsyncContextManager[Operated]]


def operations(service: str, amqp_url: Callable[[], str], opened: Open) -> click.Group:
    """The commands of `service`. Settings are read when a command runs, not before."""

    @click.group(context_settings={"help_option_names": ["-h", "--help"]})
    def commands() -> None:
        """Serves without a command; with one, does what an operator asks for."""

    @commands.command("replay")
    @click.option(
        "--from",
        "since",
        metavar="first|TIME",
        help="`first`, or a moment such as 2026-11-01T00:00Z.",
    )
    @click.option("--offset", type=click.IntRange(min=0), help="Where in the log to begin.")
    @click.option("--type", "types", multiple=True, help="Events of this type only; repeatable.")
    @click.option("--group", type=click.UUID, help="Events of this group only.")
    @click.option("--dry-run", is_flag=True, help="Count, and change nothing.")
    @click.option("--rebuild", "rebuilding", is_flag=True, help="Fill an empty database.")
    def replay(
        since: str | None,
        offset: int | None,
        types: tuple[str, ...],
        group: UUID | None,
        dry_run: bool,
        rebuilding: bool,
    ) -> None:
        """Hand events of the log to the service again, up to the log's end.

        What it has handled is skipped; nobody is told twice. With --rebuild and --dry-run: say what
        a rebuild would lose, with exit code 3 if that is something.
        """
        if rebuilding and (offset is not None or types or group or since):
            raise click.UsageError("--rebuild always replays everything; leave the others out.")
        choice = Choice("first" if rebuilding else _start(since, offset), _known(types), group)
        _finish(_replay(service, amqp_url(), opened, choice, dry_run, rebuilding))

    commands.add_command(parked_commands(SERVICE_QUEUES[service], amqp_url, _finish))
    return commands


async def _replay(
    service: str, url: str, opened: Open, choice: Choice, dry_run: bool, rebuilding: bool
) -> int:
    queue, tally = SERVICE_QUEUES[service], Tally()
    async with (
        opened_log(url, f"{service} replay") as log,
        opened(rebuilding) as operated,
    ):
        rebuilt = operated.rebuild if rebuilding else None
        if rebuilding and rebuilt is None:
            raise click.UsageError(f"The log can't rebuild what {service} owns.")
        if rebuilt and dry_run:
            return await _compare(log, queue, rebuilt)
        handle = None if dry_run else operated.handle
        work = Replay(log, queue, choice, handle, tally)
        with show(tally, f"Replaying into {service}") as watch:
            if rebuilt:
                await rebuild(log, queue, rebuilt, lambda: work.run(watch))
            else:
                if not dry_run:
                    await ensure_nothing_is_overtaken(log, queue, choice)
                await work.run(watch)
    summarize(tally, dry_run=dry_run)
    return 1 if tally.failed else 0


async def _compare(log: Log, queue: ServiceQueue, service: Rebuild) -> int:
    tally = Tally()
    with show(tally, "Comparing the log with what is stored") as watch:
        lost = await lost_by_rebuilding(
            service, lambda handle: Replay(log, queue, Choice(), handle, tally).run(watch)
        )
    if not lost:
        click.echo("The log holds every event that something is stored of.")
        return 0
    click.echo(
        f"{lost} events that something is stored of are not in the log: a rebuild would lose what "
        "they told."
    )
    return WOULD_LOSE


def _start(since: str | None, offset: int | None) -> Start:
    if (since is None) == (offset is None):
        raise click.UsageError("Say where to begin: --from first, --from TIME or --offset N.")
    if offset is not None:
        return offset
    if since == "first":
        return "first"
    try:
        moment = datetime.fromisoformat(since or "")
    except ValueError:
        raise click.UsageError(
            f"--from {since} is no moment. Use first, or for example 2026-11-01T00:00Z."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _known(types: tuple[str, ...]) -> frozenset[str]:
    if unknown := sorted(set(types) - FACTS.keys()):
        raise click.UsageError(
            f"There is no event type {unknown[0]}. There are: {', '.join(FACTS)}."
        )
    return frozenset(types)


def _finish(work: Coroutine[Any, Any, int]) -> None:
    """Run `work` and exit with its code; what an operator can put right comes as one line."""
    try:
        code = asyncio.run(work)
    except (LogUnreadable, ParkedUnreadable) as error:
        raise click.ClickException(str(error)) from None
    except Refusal as refusal:
        raise click.ClickException(refusal.detail) from None
    except KeyboardInterrupt:
        raise click.ClickException("Interrupted; what was done stays done.") from None
    sys.exit(code)
