"""The `circles` command: start the system, test it, get a token."""

import asyncio
import logging
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import click

from launcher.credentials import NAMES as SECRET_NAMES
from launcher.credentials import SERVICES
from launcher.errors import LaunchError
from launcher.progress import Progress, fail


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Circles: group chat with receipts and a notification inbox, live over plain HTTP."""


def _finish(work: Coroutine[Any, Any, int | None]) -> None:
    """Run `work` until it ends or a signal ends it, and exit with its code: never with a trace."""
    # Libraries' warnings would stand between our lines; what matters is raised as well.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        code = asyncio.run(_interruptible(work))
    except LaunchError as error:
        code = fail(error)
    except asyncio.CancelledError:
        code = 130
    sys.exit(code or 0)


async def _interruptible(work: Coroutine[Any, Any, int | None]) -> int | None:
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, task.cancel)
    return await task


_ANYTHING = {"ignore_unknown_options": True, "help_option_names": []}


@main.command(context_settings=_ANYTHING)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test(arguments: tuple[str, ...]) -> None:
    """Run the test suite on servers of its own. ARGUMENTS go to pytest."""
    from launcher.infra import run_tests

    _finish(run_tests(list(arguments), Progress()))


@main.command()
def infra() -> None:
    """Keep the servers that tests need. For an inner loop of one's own."""
    from launcher.infra import serve_infra

    _finish(serve_infra(Progress()))


@main.command()
def run() -> None:
    """Run the whole system until Ctrl-C."""
    from launcher.stack import run_stack

    async def until_interrupted() -> None:
        try:
            await run_stack(Progress())
        except asyncio.CancelledError:
            # A stop that was asked for is a success.
            return

    _finish(until_interrupted())


@main.command()
@click.option("--user", required=True, help="The user's id.")
@click.option("--name", help="The display name.")
@click.option("--ttl", default=86_400, show_default=True, help="Seconds that it stays valid.")
def token(user: str, name: str | None, ttl: int) -> None:
    """Print a token for the local stack, and nothing else."""
    from launcher import credentials
    from launcher.tokens import make_token, token_settings

    try:
        click.echo(make_token(token_settings(credentials.load()), user, name, ttl))
    except LaunchError as error:
        sys.exit(fail(error))


@main.command()
@click.argument("parts", nargs=-1, type=click.Choice(["databases", "broker"]))
def jobs(parts: tuple[str, ...]) -> None:
    """Prepare databases and broker as the environment says.

    Both, or one of PARTS: the one-shot job of the containers.
    """
    import os

    from launcher.jobs import PARTS, run_jobs

    _finish(run_jobs(os.environ, parts or PARTS))


@main.command()
@click.argument("services", nargs=-1, type=click.Choice(SERVICES))
def restart(services: tuple[str, ...]) -> None:
    """Replace replicas by the code that is here now.

    Those of SERVICES, or all, if none is named. One after the other, readers of events before their
    writers, while the system runs: what a deploy does.
    """
    from launcher.rolling import restart as replace

    _finish(replace(services or SERVICES[::-1], Progress()))


@main.command()
@click.option("--check", "checking", is_flag=True, help="Only say what is not as declared.")
def topology(checking: bool) -> None:
    """Declare the broker's exchanges, queues and bindings.

    \b
    What is there stays. With --check, nothing is changed, and the exit code is
      0  all is as declared
      1  something is missing or different
      2  the broker could not be asked
    Of the system that runs from this checkout, or of the broker that MANAGEMENT_URL and
    ADMIN_AMQP_URL name.
    """
    from launcher import topology as job

    _finish(job.check(Progress()) if checking else job.declare(Progress()))


@main.command()
def migrate() -> None:
    """Prepare the running system for the code that is here now.

    For the one that runs from this checkout: new migrations, and at the broker exchanges, queues
    and rights: all that services of this version expect to find.
    """
    from launcher import topology as broker
    from launcher.jobs import migrate as apply
    from launcher.running import owner_urls

    async def databases_and_broker() -> None:
        for service, url in owner_urls().items():
            with Progress().step(f"{service} is migrated"):
                await apply(service, url)
        await broker.prepare(Progress())

    _finish(databases_and_broker())


@main.command()
@click.option("--admin", is_flag=True, help="As the administrator, who sees all sessions.")
@click.argument("service", type=click.Choice(SERVICES))
def psql(service: str, admin: bool) -> None:
    """Open SERVICE's database as its owner. Of the system that runs from this checkout."""
    from launcher.running import open_psql

    try:
        open_psql(service, as_admin=admin)
    except LaunchError as error:
        sys.exit(fail(error))


@main.command()
def status() -> None:
    """Say where each replica listens, and whether it is ready.

    Of the system that runs from this checkout. Its figures are there at /metrics, what it lacks at
    /readyz.
    """
    from launcher.status import show_status

    _finish(show_status())


@main.command(context_settings=_ANYTHING)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def rabbitmqctl(arguments: tuple[str, ...]) -> None:
    """Call RabbitMQ's tool for the broker of the running system.

    Of the one that runs from this checkout. ARGUMENTS go to it, for example
    list_queues --vhost circles name messages
    """
    from launcher.running import become_rabbitmqctl

    try:
        become_rabbitmqctl(arguments)
    except LaunchError as error:
        sys.exit(fail(error))


@main.command()
@click.argument("name")
def attach(name: str) -> None:
    """Let a program of yours read all events of the running system.

    Of the one that runs from this checkout. Prints the AMQP URL of the broker's user NAME, which
    may read the log and nothing else. Each call gives it a new password. See
    docs/attach-a-service.md.
    """
    from launcher.attaching import attach as let_in

    async def print_url() -> None:
        click.echo(await let_in(name))

    _finish(print_url())


_CONSUMERS = click.Choice([service for service in SERVICES if service != "groups"])
_FOR_A_SERVICE = {"ignore_unknown_options": True, "allow_interspersed_args": True}


@main.command(context_settings=_FOR_A_SERVICE)
@click.option("--service", type=_CONSUMERS, required=True, help="Whose handler gets the events.")
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def replay(service: str, options: tuple[str, ...]) -> None:
    """Hand events of the log to a service again.

    \b
    What it has handled is skipped. OPTIONS are one place to begin at, and filters:
      --from first|2026-11-01T00:00Z   or   --offset N
      --type chat.message.sent.v1      repeatable
      --group UUID
      --dry-run                        count, and change nothing
    """
    _on_service(service, "replay", *options)


@main.command(context_settings=_FOR_A_SERVICE)
@click.option("--service", type=_CONSUMERS, required=True, help="Whose events.")
@click.argument("what", type=click.Choice(["list", "show", "retry", "drop"]))
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def parked(service: str, what: str, options: tuple[str, ...]) -> None:
    """Work on events that a service could not handle.

    \b
    OPTIONS say which:
      --id EVENT_ID                    show, retry, drop
      --all                            retry, drop
      --yes                            drop without asking
    """
    _on_service(service, "parked", what, *options)


def _on_service(service: str, *arguments: str) -> None:
    from launcher.operating import become

    try:
        become(service, arguments)
    except LaunchError as error:
        sys.exit(fail(error))


@main.command()
@click.argument("service", type=click.Choice(["notifier"]))
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.option("--incomplete", is_flag=True, help="Even where the log lacks what is stored.")
def rebuild(service: str, yes: bool, incomplete: bool) -> None:
    """Make the notifier's database anew from the log. The old one is dropped, and the system runs
    meanwhile. Refuses where something would be lost that the log has no more."""
    from launcher.rebuild import rebuild as make_anew

    if not yes:
        click.echo(
            f"This drops the database of the {service}. Its inboxes come back from the log; which "
            "entries were read or deleted, and what the log lacks, does not."
        )
        click.confirm("Go on?", abort=True)
    _finish(make_anew(Progress(), incomplete))


@main.command()
@click.argument("user")
@click.option("--patience", default=60.0, show_default=True, help="Seconds to wait for all.")
@click.option("--yes", is_flag=True, help="Don't ask.")
def erase(user: str, patience: float, yes: bool) -> None:
    """Erase USER from all services of the running system.

    Of the one that runs from this checkout. Prints what each service erased. See docs/runbook.md.
    """
    from launcher.people import erase as erase_everywhere

    if not yes:
        click.echo(
            f"This erases {user} for good: messages, memberships, names, the inbox. Groups of "
            "theirs are handed over. Let nobody have a token for them first."
        )
        click.confirm("Go on?", abort=True)
    _finish(erase_everywhere(user, patience, Progress(stderr=True)))


@main.command()
@click.argument("number")
def erasure(number: str) -> None:
    """Print how far the erasure with this NUMBER is."""
    from launcher.people import report_of

    _finish(report_of(number))


@main.command()
@click.argument("user")
@click.option("--output", type=click.Path(dir_okay=False), help="A file, readable by you alone.")
def export(user: str, output: str | None) -> None:
    """Print all that the services hold of USER, as one JSON document."""
    from launcher.people import export as export_from_all

    _finish(export_from_all(user, Path(output) if output else None))


@main.command()
@click.argument("user")
def disconnect(user: str) -> None:
    """End all streams and polls of USER. Of the system that runs from this checkout.

    They can come back as long as a token of theirs is good: see docs/runbook.md.
    """
    _on_service("notifier", "disconnect", user)


@main.command()
@click.argument("folder", required=False)
def backup(folder: str | None) -> None:
    """Back up the databases and secrets of the running system.

    Of the one that runs from this checkout, into FOLDER, or a new one under backups/; only you can
    read it.
    """
    from launcher.backup import take_backup

    _finish(take_backup(Path(folder) if folder else None, Progress()))


@main.command()
@click.argument("folder", type=click.Path(file_okay=False))
@click.option("--overwrite", is_flag=True, help="Give up what this checkout holds now.")
def restore(folder: str, overwrite: bool) -> None:
    """Put back what `backup` has left in FOLDER. Nothing may run from this checkout meanwhile."""
    from launcher.restore import restore_backup

    _finish(restore_backup(Path(folder), overwrite, Progress()))


@main.command()
@click.argument("names", metavar="[NAME]...", nargs=-1, type=click.Choice(SECRET_NAMES))
@click.option("--all", "everything", is_flag=True, help="All of them.")
def rotate(names: tuple[str, ...], everything: bool) -> None:
    """Make secrets of this checkout anew. Nothing may run from it meanwhile.

    \b
    NAMEs are those in .circles/secrets.json, for example
      service_secret                   among the services
      postgres_chat                    chat's password at PostgreSQL
      rabbitmq_admin                   the administrator's at RabbitMQ
    The next `make run` goes by them. See docs/runbook.md.
    """
    from launcher.rotating import rotate as make_anew

    if everything == bool(names):
        raise click.UsageError(f"Say which, or --all: {', '.join(SECRET_NAMES)}.")
    _finish(make_anew(names or SECRET_NAMES, Progress()))


@main.command()
def env() -> None:
    """Write .env with new secrets for docker compose. One that is there stays as it is."""
    from launcher.compose import write_env

    click.echo("Wrote .env" if write_env() else ".env is there; left as it is")


@main.command()
def clean() -> None:
    """Remove data, logs and secrets of this checkout. Refuses while something runs."""
    from launcher.cleaning import remove_state

    _finish(remove_state())
