"""What an operator mistypes is answered with what would do."""

import pytest
from click.testing import CliRunner

from services.chat import operations as chat
from services.notifier import operations as notifier


@pytest.mark.parametrize(
    ("options", "advice"),
    [
        ((), "Say where to begin: --from first"),
        (("--from", "yesterday"), "--from yesterday is no moment. Use first, or for example 2026"),
        (("--from", "first", "--type", "chat.message.starred.v1"), "There is no event type"),
        (("--rebuild", "--offset", "3"), "--rebuild always replays everything"),
    ],
)
def test_what_makes_no_sense_is_answered_with_what_does(
    options: tuple[str, ...], advice: str
) -> None:
    for service in (notifier, chat):
        answered = CliRunner().invoke(service.commands(), ["replay", *options])
        assert answered.exit_code == 2
        assert advice in " ".join(answered.output.split())


@pytest.mark.parametrize("command", ["show", "retry", "drop"])
def test_parked_events_are_never_all_meant_by_accident(command: str) -> None:
    answered = CliRunner().invoke(notifier.commands(), ["parked", command])
    assert answered.exit_code == 2
    assert "Say which: --id EVENT_ID" in answered.output
