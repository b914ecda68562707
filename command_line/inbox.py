"""`circles inbox`."""

import click
from circles_client.shapes import Inbox, InboxEntry

from command_line.caller import Caller, as_caller
from command_line.running import finish
from command_line.screen import console, harmless


@click.command()
@as_caller
@click.option("--unread", is_flag=True, help="Only what is unread.")
@click.option("--read-all", is_flag=True, help="Mark all as read; with --unread, list first.")
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True)
def inbox(caller: Caller, unread: bool, read_all: bool, limit: int) -> None:
    """The notifications of the caller, newest first."""
    finish(_inbox(caller, unread, read_all, limit))


async def _inbox(caller: Caller, unread: bool, read_all: bool, limit: int) -> None:
    from circles_client import Circles

    async with Circles(caller.url, token=caller.token) as circles:
        if unread or not read_all:
            _show(await circles.inbox(unread=unread, limit=limit), unread)
        if read_all:
            console.print(f"✓ {await circles.mark_all_read()} marked as read")


def _show(page: Inbox, unread: bool) -> None:
    entries, total = page["notifications"], page["pagination"]["total"]
    for entry in entries:
        console.print(line(entry), style="dim" if entry["isRead"] else "")
    rest = f", {total - len(entries)} more" if total > len(entries) else ""
    console.print(f"{total or 'nothing'} {'unread' if unread else 'in all'}{rest}", style="dim")


def line(entry: InboxEntry) -> str:
    mark = " " if entry["isRead"] else "●"
    text = harmless(f"{entry['title']}  {entry['message']}".strip())
    day, _, rest = entry["createdAt"].partition("T")
    return f"{mark} {entry['id']:>5}  {day} {rest[:5]}  {entry['type']:<20}  {text}"
