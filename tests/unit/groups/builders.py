"""Groups and members for rules: valid by default."""

from datetime import UTC, datetime, timedelta

from services.groups.domain.circles import Circle, Member, Role
from services.groups.domain.groups import DM_SETTINGS, Group, GroupSettings
from shared.ids import uuid7

START = datetime(2026, 11, 1, 12, tzinfo=UTC)


def a_group(settings: GroupSettings | None = None, created_by: str = "alice") -> Group:
    return Group(
        id=uuid7(),
        type="group",
        name="Climbing",
        description="",
        avatar=None,
        created_by=created_by,
        settings=settings or GroupSettings(),
        version=1,
        is_deleted=False,
        created_at=START,
        updated_at=START,
    )


def a_member(user_id: str, role: Role = "member", minutes: int = 0) -> Member:
    return Member(user_id, user_id.title(), role, START + timedelta(minutes=minutes))


def a_circle(settings: GroupSettings | None = None) -> Circle:
    """Alice created it, bob is an admin too, carol is a member."""
    members = [
        a_member("alice", "admin"),
        a_member("bob", "admin", minutes=1),
        a_member("carol", minutes=2),
    ]
    return Circle.of(a_group(settings), members)


def a_dm() -> Circle:
    """Of alice, who opened it, and bob."""
    plain = a_group(DM_SETTINGS)
    group = Group(plain.id, "dm", None, "", None, "alice", DM_SETTINGS, 1, False, START, START)
    return Circle.of(group, [a_member("alice"), a_member("bob")])
