"""The `circles` command: its own commands, and the launcher's."""

import click

from command_line.doctor.command import doctor
from command_line.groups import groups
from command_line.inbox import inbox
from command_line.send import send
from command_line.tail import tail
from launcher import cli as launcher


@click.group(
    commands=[*launcher.main.commands.values(), send, tail, groups, inbox, doctor],
    context_settings={"help_option_names": ["-h", "--help"]},
)
def circles() -> None:
    """Circles: group chat with receipts and a notification inbox, live over plain HTTP."""
