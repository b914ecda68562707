"""Asking groups about a group, by many at once: everybody gets an answer that is newer than their
question, and nobody stands in the others' way."""

import asyncio
from uuid import UUID, uuid4

import pytest

from services.chat.actions.ask_groups import GroupCopy
from services.chat.groups_client import GroupsClient
from shared.outbox.record import Outbox
from shared.postgres.pool import Database
from shared.web.peer import Peer
from shared.web.service_tokens import ServiceTokens


class Copy(GroupCopy):
    """What it does with an answer is nothing; before the first one ends, somebody else asks."""

    answers = 0
    second: "asyncio.Task[None] | None" = None

    async def _bring_up_to_date(self, group_id: UUID) -> None:
        self.answers += 1
        if self.second is None:
            self.second = asyncio.create_task(self.refresh(group_id))


@pytest.fixture
async def copy() -> Copy:
    database = Database("postgresql://nowhere", 2)
    peer = Peer(None, [], ServiceTokens("secret" * 8, "chat"))  # type: ignore[arg-type]
    return Copy(database, Outbox(database), GroupsClient(peer))


# Where this fails, the event loop stands still: no other limit would be noticed.
@pytest.mark.timeout(10)
async def test_who_asks_as_an_answer_comes_gets_one_of_their_own_and_stops_nobody(
    copy: Copy,
) -> None:
    group_id = uuid4()
    await copy.refresh(group_id)
    assert copy.second is not None
    await asyncio.wait_for(copy.second, 5)
    assert copy.answers == 2
