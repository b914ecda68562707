"""Groups to its operators: what it holds of a person, and where an erasure begins."""

import click

from services.groups.settings import Settings
from shared.operations.doors import EXPORT, Door, add_doors

ERASE = Door(
    *("erase", "USER", "POST", "/internal/v1/people/{}/erasure"),
    "Erase USER from all services. Prints the number by which chat says how far it is.",
    asks="This erases them for good: messages, memberships, names, the inbox. Groups of theirs are "
    "handed over. Let nobody have a token for them first.",
)


def commands() -> click.Group:
    """The operator's commands; settings are read from the environment, as for serving."""

    @click.group(context_settings={"help_option_names": ["-h", "--help"]})
    def operated() -> None:
        """Serves without a command; with one, does what an operator asks for."""

    return add_doors(operated, Settings.read, EXPORT, ERASE)
