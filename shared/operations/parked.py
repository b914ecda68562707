"""`parked list|show|retry|drop`: what a service could not handle, in an operator's hands."""

import json
from collections.abc import Callable, Coroutine
from typing import Any

import click
from rich.console import Console
from rich.progress import track

from shared.errors import NotFound
from shared.rabbitmq.parked import Chosen, Parked, ParkedEvents, opened_parked
from shared.rabbitmq.topology import ServiceQueue

# Of those to be dropped; a long list would push the question off the screen's top.
SHOWN = 10

Finish = Callable[[Coroutine[Any, Any, int]], None]


class NotParked(NotFound):
    code = "not_parked"


def parked_commands(
    queue: ServiceQueue, amqp_url: Callable[[], str], finish: Finish
) -> click.Group:
    """The commands on the parked events of the service of `queue`."""
    which = [
        click.option("--id", "event_id", help="The event's id, as `list` shows it."),
        click.option("--all", "everything", is_flag=True, help="All that are parked now."),
    ]

    @click.group("parked")
    def parked() -> None:
        """Events that could not be handled: list, show, retry or drop them."""

    @parked.command("list")
    def list_() -> None:
        """List them, oldest first; they stay where they are."""
        finish(_list(queue, amqp_url()))

    @parked.command()
    @which[0]
    def show(event_id: str | None) -> None:
        """Show one as JSON; it stays where it is."""
        chosen = _chosen(event_id, False)
        finish(_show(queue, amqp_url(), chosen))

    @parked.command()
    @which[0]
    @which[1]
    def retry(event_id: str | None, everything: bool) -> None:
        """Hand them to the service again, oldest first."""
        chosen = _chosen(event_id, everything)
        finish(_retry(queue, amqp_url(), chosen))

    @parked.command()
    @which[0]
    @which[1]
    @click.option("--yes", is_flag=True, help="Don't ask.")
    def drop(event_id: str | None, everything: bool, yes: bool) -> None:
        """Drop them. The log has them as long as it is kept: a replay tries them again."""
        chosen = _chosen(event_id, everything)
        url = amqp_url()

        async def work() -> int:
            return await _drop(queue, url, chosen if yes else await _confirmed(queue, url, chosen))

        finish(work())

    return parked


def _chosen(event_id: str | None, everything: bool) -> Chosen:
    if everything == (event_id is not None):
        raise click.UsageError("Say which: --id EVENT_ID (see `parked list`), or --all.")
    return lambda parked: everything or parked.event_id == event_id


async def _list(queue: ServiceQueue, url: str) -> int:
    async with opened_parked(url, queue) as events:
        found = await events.all()
    console = Console(highlight=False, soft_wrap=True)
    if not found:
        console.print(f"Nothing is parked in {queue.parked}.")
        return 0
    for parked in found:
        name = f"{parked.event_id or '–'}  {parked.type}  {parked.parked_at[:19]}"
        console.print(name.rstrip(), style="bold", markup=False)
        console.print(f"  {parked.reason}", markup=False)
    console.print(f"{len(found)} in {queue.parked}.")
    return 0


async def _show(queue: ServiceQueue, url: str, chosen: Chosen) -> int:
    async with opened_parked(url, queue) as events:
        found = await _found(events, queue, chosen)
    for parked in found:
        click.echo(f"Reason: {parked.reason}", err=True)
        try:
            click.echo(json.dumps(json.loads(parked.body), indent=2, ensure_ascii=False))
        except ValueError:
            click.echo(parked.body.decode(errors="backslashreplace"))
    return 0


async def _retry(queue: ServiceQueue, url: str, chosen: Chosen) -> int:
    async with opened_parked(url, queue) as events:
        found = await _found(events, queue, chosen)
        moved = _counter(len(found), "Handing back")
        await events.retry(chosen, moved)
    click.echo(f"Handed {len(found)} back to {queue.name}. What fails again is parked again.")
    return 0


async def _drop(queue: ServiceQueue, url: str, chosen: Chosen) -> int:
    async with opened_parked(url, queue) as events:
        found = await _found(events, queue, chosen)
        await events.drop(chosen, _counter(len(found), "Dropping"))
    click.echo(f"Dropped {len(found)} from {queue.parked}.")
    return 0


async def _confirmed(queue: ServiceQueue, url: str, chosen: Chosen) -> Chosen:
    """Ask, and narrow `chosen` to what was shown. Between two connections: nobody knows how long
    a person thinks, and the broker would not wait."""
    async with opened_parked(url, queue) as events:
        found = await _found(events, queue, chosen)
    for parked in found[:SHOWN]:
        click.echo(f"  {parked.event_id} {parked.type}: {parked.reason}")
    click.confirm(
        f"Drop {len(found)} parked events? Only a replay of the log brings them back.", abort=True
    )
    shown = {parked.body for parked in found}
    return lambda parked: chosen(parked) and parked.body in shown


async def _found(events: ParkedEvents, queue: ServiceQueue, chosen: Chosen) -> list[Parked]:
    found = [parked for parked in await events.all() if chosen(parked)]
    if not found:
        raise NotParked(f"There is no such event in {queue.parked}. `parked list` names them.")
    return found


def _counter(total: int, what: str) -> Callable[[Parked], None]:
    """Shows progress on standard error, one step for each event."""
    steps = iter(track(range(total + 1), what, console=Console(stderr=True), transient=True))

    def count(_: Parked) -> None:
        next(steps, None)

    return count
