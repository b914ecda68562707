"""`circles tail`."""

import click

from command_line.caller import Caller, as_caller
from command_line.running import finish


@click.command()
@as_caller
@click.option(
    "--cursor",
    type=click.Path(dir_okay=False),
    help="A file that keeps the place: the next run goes on there.",
)
def tail(caller: Caller, cursor: str | None) -> None:
    """Show what happens, live, until Ctrl-C. Messages, receipts as ticks, changes of groups."""
    finish(_tail(caller, cursor), interrupted=0)


async def _tail(caller: Caller, cursor: str | None) -> None:
    from circles_client import Circles, FileCursor

    from command_line.lines import line_of
    from command_line.screen import console

    place = FileCursor(cursor) if cursor else None
    if place is not None:
        try:
            await place.load()
        except (OSError, ValueError) as error:
            raise click.BadParameter(str(error), param_hint="--cursor") from None
    async with Circles(caller.url, token=caller.token, cursor=place) as circles:
        async for event in circles.events():
            console.print(line_of(event))
