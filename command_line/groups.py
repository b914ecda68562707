"""`circles groups`, and finding one by its name."""

from uuid import UUID

import click
from circles_client import Circles
from circles_client.shapes import Group

from command_line.caller import Caller, as_caller
from command_line.running import finish
from command_line.screen import console, harmless


@click.command()
@as_caller
def groups(caller: Caller) -> None:
    """The groups that the caller is in."""
    finish(_groups(caller))


async def _groups(caller: Caller) -> None:
    from rich import box
    from rich.table import Table

    async with Circles(caller.url, token=caller.token) as circles:
        found = await all_groups(circles)
    if not found:
        console.print("In no group yet.", style="dim")
        return
    table = Table(box=box.SIMPLE_HEAD)
    # An id is there to be copied: whole, however narrow the screen.
    table.add_column("id", no_wrap=True, min_width=36)
    table.add_column("name", overflow="fold")
    table.add_column("members")
    table.add_column("role")
    for group in found:
        name = harmless(group["name"])
        table.add_row(group["id"], name, str(group["memberCount"]), group["role"])
    console.print(table)


async def all_groups(circles: Circles) -> list[Group]:
    found: list[Group] = []
    page, pages = 1, 1
    while page <= pages:
        answer = await circles.groups(page)
        found += answer["groups"]
        page, pages = page + 1, answer["pagination"]["pages"]
    return found


async def find_group(circles: Circles, said: str) -> Group:
    """The group with this id, or the only one of this name. Raises click.ClickException."""
    try:
        UUID(said)
    except ValueError:
        named = [group for group in await all_groups(circles) if group["name"] == said]
        if len(named) == 1:
            return named[0]
        problem = "is in no group" if not named else f"is in {len(named)} groups"
        raise click.ClickException(
            f"The caller {problem} of the name {said!r}. `circles groups` lists the ids."
        ) from None
    return await circles.group(said)
