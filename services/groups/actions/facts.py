"""The domain's values as the published facts say them."""

from dataclasses import asdict

from services.groups.domain.circles import Circle, Member
from services.groups.domain.groups import Group
from shared.events import groups as facts
from shared.events.fact import Person


def state(group: Group) -> facts.GroupState:
    return facts.GroupState(
        id=group.id,
        type=group.type,
        name=group.name,
        description=group.description,
        avatar=group.avatar,
        created_by=group.created_by,
        settings=facts.GroupSettings(**asdict(group.settings)),
        version=group.version,
        created_at=group.created_at,
        updated_at=group.updated_at,
    )


def person(member: Member) -> Person:
    return Person(user_id=member.user_id, name=member.name)


def roster(circle: Circle) -> tuple[facts.Member, ...]:
    return tuple(facts.Member(**asdict(member)) for member in circle.members.values())
