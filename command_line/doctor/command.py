"""`circles doctor`."""

import secrets

import click

from command_line.caller import check_url, local_token
from command_line.running import finish


@click.command()
@click.argument("url")
@click.option(
    "--token",
    "tokens",
    multiple=True,
    envvar="CIRCLES_TOKEN",
    help="Of one person, or given twice, of two; of people made for it.  [default: $CIRCLES_TOKEN]",
)
@click.option(
    "--as",
    "prefix",
    metavar="PREFIX",
    help="On the local stack: two made-up people whose ids begin so.  [default: doctor]",
)
@click.option("--quick", is_flag=True, help="Leave out what has to wait for a heartbeat.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(
    url: str, tokens: tuple[str, ...], prefix: str | None, quick: bool, as_json: bool
) -> None:
    """Prove that promises arrive through the proxies before URL.

    The promises of Circles, that is: opens real streams, makes a small group and takes it away
    again, and says of each promise whether it holds, what was seen, and what to change in which
    proxy. Exits with 1 when something failed. What the person of the first token has not seen yet
    counts as delivered afterwards: give it people of its own.
    """
    if len(tokens) > 2:
        raise click.UsageError("One or two tokens are enough.")
    check_url(url)
    finish(_doctor(url, list(tokens) if prefix is None else [], prefix, quick, as_json))


async def _doctor(
    url: str, tokens: list[str], prefix: str | None, quick: bool, as_json: bool
) -> int:
    from rich.console import Console

    from command_line.doctor import report
    from command_line.doctor.examination import examine
    from command_line.doctor.findings import Result, Verdict

    results: list[Result] = []
    # On stderr, so that what is piped is the findings alone.
    progress = Console(stderr=True, highlight=False)
    console = Console(highlight=False)
    with progress.status("Looking …") as status:
        async for step in examine(url, tokens or _made_up(prefix or "doctor"), quick):
            if isinstance(step, str):
                status.update(f"Looking: {step} …")
                continue
            results.append(step)
            if not as_json:
                report.show(console, step)
    if as_json:
        print(report.as_json(url, results))
    else:
        console.print(f"\n  {report.summary(results)}")
    return 1 if report.verdict_of(results) == Verdict.FAILED else 0


def _made_up(prefix: str) -> list[str]:
    run = secrets.token_hex(3)
    return [local_token(f"{prefix}-{run}-{number}") for number in (1, 2)]
