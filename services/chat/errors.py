"""How the chat service refuses, in its own words. Codes are stable: programs rely on them."""

from uuid import UUID

from shared.errors import Conflict, Forbidden, NotFound, Refusal, Unavailable


class RestsOnCopy(Refusal):
    """A refusal that rests on chat's copy of a group, which may be milliseconds behind: groups is
    asked before it stands. `group_id` is None where there is nothing to ask about."""

    group_id: UUID | None = None


class GroupNotFound(NotFound, RestsOnCopy):
    """Missing, deleted, or not the caller's: which of them is nobody's business."""

    code = "group_not_found"

    def __init__(self, group_id: UUID | None = None) -> None:
        super().__init__("There is no such group, or you are not in it.")
        self.group_id = group_id


class MessageNotFound(NotFound, RestsOnCopy):
    """Missing, or in a group that is not the caller's."""

    code = "message_not_found"

    def __init__(self, group_id: UUID | None = None) -> None:
        super().__init__("There is no such message, or you are not in its group.")
        self.group_id = group_id


class OnlyAdminsPost(Forbidden, RestsOnCopy):
    code = "only_admins_can_message"

    def __init__(self, group_id: UUID) -> None:
        super().__init__("Only admins can send messages in this group.")
        self.group_id = group_id


class NotYoursToDelete(Forbidden, RestsOnCopy):
    code = "not_your_message"

    def __init__(self, group_id: UUID) -> None:
        super().__init__("Only the sender and the group's admins can delete a message.")
        self.group_id = group_id


class ClientMessageIdReused(Conflict):
    code = "client_message_id_reused"

    def __init__(self) -> None:
        super().__init__(
            "You have sent another message with this `clientMessageId` in this group. "
            "Give each message an id of its own."
        )


class SystemMessageStays(Conflict):
    code = "system_message"

    def __init__(self) -> None:
        super().__init__("System messages can't be deleted.")


class GroupsAway(Unavailable):
    """Groups does not answer, and chat's copy alone can't tell."""

    code = "groups_unavailable"

    def __init__(self) -> None:
        super().__init__("The groups service is away. Try again in a few seconds.")
