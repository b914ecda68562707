"""Who follows a creator who is gone."""

from services.groups.domain.circles import Circle


def heir_of(circle: Circle, gone: str) -> str | None:
    """The admin who has been in the group longest, else the member who has; None for a group in
    which nobody else is."""
    rest = [member for member in circle.members.values() if member.user_id != gone]
    rest.sort(key=lambda member: (member.role != "admin", member.joined_at, member.user_id))
    return rest[0].user_id if rest else None
