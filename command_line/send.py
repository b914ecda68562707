"""`circles send`."""

import click

from command_line.caller import Caller, as_caller
from command_line.running import finish
from command_line.screen import console


@click.command()
@as_caller
@click.argument("group")
@click.argument("text")
def send(caller: Caller, group: str, text: str) -> None:
    """Send TEXT to GROUP.

    GROUP is a group's id or, where it is the only one of that name, its name.
    """
    finish(_send(caller, group, text))


async def _send(caller: Caller, group: str, text: str) -> None:
    from circles_client import Circles

    from command_line.groups import find_group

    async with Circles(caller.url, token=caller.token) as circles:
        found = await find_group(circles, group)
        message = await circles.send(found["id"], text)
    console.print(f"✓ {message['seq']}  {message['id']}", style="dim")
