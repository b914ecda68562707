"""What people do with messages."""

import asyncio
from dataclasses import dataclass

from tests.fixtures.people import Answer
from tests.scenarios.histories.checks_chat import check_chat
from tests.scenarios.histories.nouns import CREATED, OK, Draft, Group
from tests.scenarios.histories.story import Player, Story, expect


async def _send(who: Player, group: Group, draft: Draft) -> Answer:
    body: dict[str, object] = {"content": draft.content, "type": draft.type}
    if draft.client_id is not None:
        body["clientMessageId"] = draft.client_id
    return await who.user.post(f"/v1/groups/{group.id}/messages", body)


def _happened(story: Story, answer: Answer, who: Player, group: Group, draft: Draft) -> None:
    expect(answer, story.world.send(group, who.id, draft, answer.body.get("id", "")))
    if answer.status in (OK, CREATED):
        [sent] = [each for each in group.messages if each.id == answer.body["id"]]
        assert answer.body["seq"] == sent.seq


@dataclass(frozen=True)
class Send:
    """`times`: a client that got no answer sends again, maybe while the first call still runs."""

    who: int
    group: int
    draft: Draft
    times: int = 1

    async def play(self, story: Story) -> None:
        who, group = story.player(self.who), story.group(self.group)
        calls = (_send(who, group, self.draft) for _ in range(self.times))
        answers = await asyncio.gather(*calls)
        for answer in sorted(answers, key=_order):
            _happened(story, answer, who, group, self.draft)


@dataclass(frozen=True)
class SendTogether:
    """Several people send at the same time."""

    group: int
    senders: tuple[int, ...]

    async def play(self, story: Story) -> None:
        group = story.group(self.group)
        sent = [
            (story.player(number), Draft(f"Message {place}"))
            for place, number in enumerate(self.senders)
        ]
        answers = await asyncio.gather(*(_send(who, group, draft) for who, draft in sent))
        in_order = sorted(zip(answers, sent, strict=True), key=lambda pair: _order(pair[0]))
        for answer, (who, draft) in in_order:
            _happened(story, answer, who, group, draft)


def _order(answer: Answer) -> tuple[int, bool]:
    """The order in which calls of the same time took effect."""
    return answer.body.get("seq", 0), answer.status != CREATED


@dataclass(frozen=True)
class Delete:
    who: int
    group: int
    message: int

    async def play(self, story: Story) -> None:
        who, group = story.player(self.who), story.group(self.group)
        if (message := await story.message(group, self.message)) is not None:
            answer = await who.user.delete(f"/v1/messages/{message.id}")
            expect(answer, story.world.delete(group, who.id, message))


@dataclass(frozen=True)
class Read:
    who: int
    group: int
    message: int

    async def play(self, story: Story) -> None:
        who, group = story.player(self.who), story.group(self.group)
        if (message := await story.message(group, self.message)) is None:
            return
        answer = await who.user.post(f"/v1/messages/{message.id}/read")
        expect(answer, story.world.mark_read(group, who.id, message))
        if answer.status == OK:
            assert answer.body == {"groupId": group.id, "readSeq": group.read[who.id]}


@dataclass(frozen=True)
class Look:
    """Somebody looks at their conversations and all that is said there."""

    who: int

    async def play(self, story: Story) -> None:
        await check_chat(story, story.player(self.who))
