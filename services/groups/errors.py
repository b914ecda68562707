"""How the groups service refuses, in its own words. Codes are stable: programs rely on them."""

from shared.errors import Conflict, FieldError, Forbidden, Invalid, NotFound


class GroupNotFound(NotFound):
    """Missing, deleted, or not the caller's: which of them is nobody's business."""

    code = "group_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such group, or you are not in it.")


class MemberNotFound(NotFound):
    code = "member_not_found"

    def __init__(self) -> None:
        super().__init__("This person is not in the group.")


class NotAnAdmin(Forbidden):
    code = "not_an_admin"

    def __init__(self) -> None:
        super().__init__("Only admins of the group may do this.")


class NotTheCreator(Forbidden):
    code = "not_the_creator"

    def __init__(self) -> None:
        super().__init__("Only the creator of the group may do this.")


class GroupFull(Conflict):
    code = "group_full"

    def __init__(self, wanted: int, max_members: int) -> None:
        super().__init__(
            f"That would make {wanted} members, and the group takes {max_members}. "
            "Nobody was added."
        )


class MaxMembersBelowSize(Conflict):
    code = "max_members_below_size"

    def __init__(self, size: int) -> None:
        super().__init__(f"The group has {size} members; `maxMembers` can't be lower than that.")


class CreatorMustTransfer(Conflict):
    code = "creator_must_transfer"

    def __init__(self) -> None:
        super().__init__(
            "You created this group. Hand it over first, with POST /v1/groups/{id}/transfer, "
            "or delete it."
        )


class CreatorProtected(Conflict):
    code = "creator_protected"

    def __init__(self) -> None:
        super().__init__("The creator can't be removed, and stays an admin.")


class DmImmutable(Conflict):
    code = "dm_immutable"

    def __init__(self) -> None:
        super().__init__("A dm stays as it is: two people, no info, no roles, no leaving.")


class NotAMember(Invalid):
    """The person a group is handed over to must be in it."""

    code = "not_a_member"

    def __init__(self) -> None:
        error = FieldError("userId", "must be a member of the group")
        super().__init__("A group can only be handed over to one of its members.", [error])


class DmWithOneself(Invalid):
    code = "dm_with_oneself"

    def __init__(self) -> None:
        error = FieldError("recipientId", "must be somebody else")
        super().__init__("A dm needs two people.", [error])
