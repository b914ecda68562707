"""What chat shows a person is what the model says."""

from tests.scenarios.histories.checks_receipts import check_status
from tests.scenarios.histories.nouns import NOT_FOUND, Group, Message
from tests.scenarios.histories.story import Player, Story, expect
from tests.scenarios.people import Json


async def check_chat(story: Story, who: Player) -> None:
    await _check_conversations(story, who)
    for group in story.world.groups:
        if group.has(who.id):
            await _check_history(story, who, group)
        else:
            expect(await who.user.get(f"/v1/groups/{group.id}/messages"), NOT_FOUND)


async def _check_conversations(story: Story, who: Player) -> None:
    shown = await who.user.conversations()
    expected = [
        {
            "id": group.id,
            "role": group.roles[who.id],
            "memberCount": len(group.roles),
            "onlyAdmins": group.only_admins,
            "unread": group.unread_of(who.id),
            "read": group.read.get(who.id, 0),
            "last": len(group.messages),
        }
        for group in story.world.groups_of(who.id)
    ]
    assert [_conversation(each) for each in shown] == expected
    for each, group in zip(shown, story.world.groups_of(who.id), strict=True):
        _check_message(each["lastMessage"], group.messages[-1])


def _conversation(shown: Json) -> Json:
    group = shown["group"]
    return {
        "id": group["id"],
        "role": group["role"],
        "memberCount": group["memberCount"],
        "onlyAdmins": group["settings"]["onlyAdminsCanMessage"],
        "unread": shown["unreadCount"],
        "read": shown["lastReadSeq"],
        "last": shown["lastMessage"]["seq"],
    }


async def _check_history(story: Story, who: Player, group: Group) -> None:
    history = await who.user.history({"id": group.id})
    assert [each["seq"] for each in history] == list(range(1, len(group.messages) + 1))
    for shown, message in zip(history, group.messages, strict=True):
        _check_message(shown, message)
        if not message.is_system:
            await check_status(story, who, group, message, shown)


def _check_message(shown: Json, message: Message) -> None:
    message.id = message.id or shown["id"]
    seen = (shown["id"], shown["seq"], shown["senderId"], shown["type"], shown["isDeleted"])
    assert seen == (
        message.id,
        message.seq,
        message.sender,
        message.draft.type,
        message.is_deleted,
    )
    if not message.is_system:
        content = "" if message.is_deleted else message.draft.content
        assert (shown["content"], shown["clientMessageId"]) == (content, message.draft.client_id)
