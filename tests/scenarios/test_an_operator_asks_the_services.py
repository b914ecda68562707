"""What an operator types about a person, beside the service and with its settings: in a container,
a pod, or on this machine."""

import asyncio
import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from services.chat import operations as chat
from services.groups import operations as groups
from services.notifier import operations as notifier
from tests.fixtures.stack import Stack
from tests.fixtures.waiting import eventually
from tests.scenarios.people import User

COMMANDS = {"groups": groups.commands, "chat": chat.commands, "notifier": notifier.commands}


async def typed(stack: Stack, service: str, *arguments: str, **changed: str) -> Result:
    """`python -m services.<service> …`, with the environment of its first replica."""
    environment = {**stack.services[f"{service}-1"].process.environment, **changed}
    commands = COMMANDS[service]()
    return await asyncio.to_thread(CliRunner().invoke, commands, arguments, env=environment)


async def test_somebody_is_signed_out_everywhere(alice: User, bob: User, stack: Stack) -> None:
    async with alice.stream() as stays, bob.stream() as ends:
        result = await typed(stack, "notifier", "disconnect", bob.id)
        assert (result.exit_code, result.output) == (0, "")
        await ends.ended()
        group = await bob.creates_group(alice)
        await stays.told("group.invite", groupId=group["id"])


async def test_a_person_is_exported_and_erased(alice: User, bob: User, stack: Stack) -> None:
    group = await alice.creates_group(bob)
    await bob.sends(group, "Mine")
    await stack.settled()

    async def held() -> dict[str, Any]:
        results = {service: await typed(stack, service, "export", bob.id) for service in COMMANDS}
        return {service: json.loads(result.output) for service, result in results.items()}

    before = await held()
    assert [each["groupId"] for each in before["groups"]["memberships"]] == [group["id"]]
    assert [each["content"] for each in before["chat"]["messages"]] == ["Mine"]
    # Nobody is erased who was not asked for.
    refused = await typed(stack, "groups", "erase", bob.id)
    assert refused.exit_code == 1
    assert await held() == before

    asked = await typed(stack, "groups", "erase", bob.id, "--yes")
    assert asked.exit_code == 0
    number = json.loads(asked.output)["erasureId"]

    async def is_complete() -> bool:
        result = await typed(stack, "chat", "erasure", number)
        report = json.loads(result.output)
        assert result.exit_code == (0 if report["isComplete"] else 1)
        return bool(report["isComplete"])

    await eventually(is_complete)
    after = await held()
    assert (after["groups"]["memberships"], after["chat"]["messages"]) == ([], [])


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"PORT": "1"}, "No answer from http://127.0.0.1:1"), ({"SERVICE_SECRET": "x" * 32}, "Refus")],
    ids=["nobody there", "another secret"],
)
async def test_what_went_wrong_is_one_line(
    bob: User, stack: Stack, changed: dict[str, str], said: str
) -> None:
    result = await typed(stack, "groups", "export", bob.id, **changed)
    assert result.exit_code == 1
    assert said in result.output
    assert len(result.output.splitlines()) == 1
