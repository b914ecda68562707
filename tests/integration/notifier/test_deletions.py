"""Chat asks whether a message's content is gone, and hears it once it is; at every replica."""

import asyncio
from http import HTTPStatus
from uuid import UUID

import pytest

from services.notifier.api import deletions
from shared.ids import uuid7
from shared.web.service_tokens import ServiceTokens
from tests.builders import a_message_deleted, a_message_sent
from tests.fixtures.tokens import SECRET, SERVICE_SECRET, bearer
from tests.integration.notifier.conftest import Replica, Start, Stored, Told


def service_bearer(secret: str = SERVICE_SECRET) -> dict[str, str]:
    return {"Authorization": f"Bearer {ServiceTokens(secret, 'chat').new()}"}


async def asked(
    replica: Replica, message_id: UUID | str, headers: dict[str, str] | None = None
) -> tuple[int, str | None]:
    """Status and code of the answer."""
    path = f"/internal/v1/messages/{message_id}/deletion"
    shown = service_bearer() if headers is None else headers
    async with replica.client.get(path, headers=shown) as answer:
        if answer.status == HTTPStatus.NO_CONTENT:
            return answer.status, None
        assert answer.content_type == "application/problem+json"
        return answer.status, (await answer.json())["code"]


KNOWN = HTTPStatus.NO_CONTENT, None
UNKNOWN = HTTPStatus.NOT_FOUND, "deletion_unknown"


async def test_every_replica_answers_once_the_content_is_gone(
    start: Start, tell: Told, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However slow this machine is: what is told comes.
    monkeypatch.setattr(deletions, "KNOWN_SECONDS", 10.0)
    replicas = [await start(), await start()]
    sent = a_message_sent(content="a secret")
    waiting = [asyncio.create_task(asked(replica, sent.message.id)) for replica in replicas]
    await tell(sent)
    await stored("bob", 1)
    assert not any(task.done() for task in waiting), "the message is there, its deletion is not"
    await tell(a_message_deleted(sent))
    for replica, task in zip(replicas, waiting, strict=True):
        assert await task == KNOWN
        assert "a secret" not in str(await replica.person("bob").inbox())
        assert await asked(replica, sent.message.id) == KNOWN


async def test_each_of_many_that_wait_hears_of_its_own_message(
    notifier: Replica, tell: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletions, "KNOWN_SECONDS", 10.0)
    messages = [a_message_sent() for _ in range(20)]
    waiting = [asyncio.create_task(asked(notifier, each.message.id)) for each in messages]
    deleted = messages[:-1]
    await tell(*messages, *(a_message_deleted(each) for each in deleted))
    *answers, unanswered = waiting
    assert await asyncio.gather(*answers) == [KNOWN] * len(deleted)
    assert not unanswered.done()
    unanswered.cancel()


async def test_what_does_not_come_soon_is_not_known(
    notifier: Replica, tell: Told, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletions, "KNOWN_SECONDS", 0.05)
    sent = a_message_sent()
    await tell(sent)
    await stored("bob", 1)
    for message_id in (sent.message.id, uuid7(), "no-id"):
        assert await asked(notifier, message_id) == UNKNOWN


async def test_only_services_may_ask(notifier: Replica) -> None:
    for headers in ({}, bearer("bob"), service_bearer(SECRET)):
        status, _ = await asked(notifier, uuid7(), headers)
        assert status == HTTPStatus.UNAUTHORIZED
