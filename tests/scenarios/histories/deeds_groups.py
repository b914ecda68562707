"""What people do to groups."""

from dataclasses import dataclass

from tests.scenarios.histories.nouns import CREATED, INVALID, OK, Group
from tests.scenarios.histories.story import Story, expect


@dataclass(frozen=True)
class Create:
    who: int
    others: tuple[int, ...]

    async def play(self, story: Story) -> None:
        who = story.player(self.who)
        guests = dict.fromkeys(story.player(each).id for each in self.others)
        guests.pop(who.id, None)
        body = {"name": "Climbing", "memberIds": [*guests, who.id]}
        answer = await who.user.post("/v1/groups", body)
        expect(answer, CREATED)
        roles = {who.id: "admin", **dict.fromkeys(guests, "member")}
        story.world.begin(Group(answer.body["id"], "group", who.id, roles), guests)


@dataclass(frozen=True)
class OpenDm:
    who: int
    other: int

    async def play(self, story: Story) -> None:
        who, other = story.player(self.who), story.player(self.other)
        answer = await who.user.post("/v1/groups/dm", {"recipientId": other.id})
        if who is other:
            expect(answer, INVALID)
            return
        pair = dict.fromkeys((who.id, other.id), "member")
        known = [g.id for g in story.world.groups if g.type == "dm" and g.roles == pair]
        expect(answer, OK if known else CREATED)
        if known:
            assert [answer.body["id"]] == known
        else:
            story.world.begin(Group(answer.body["id"], "dm", who.id, pair), [other.id])


@dataclass(frozen=True)
class Add:
    who: int
    group: int
    others: tuple[int, ...]

    async def play(self, story: Story) -> None:
        who, group = story.player(self.who), story.group(self.group)
        others = [story.player(each).id for each in self.others]
        answer = await who.user.post(f"/v1/groups/{group.id}/members", {"memberIds": others})
        expect(answer, story.world.add(group, who.id, others))


@dataclass(frozen=True)
class Remove:
    """Who removes themselves leaves."""

    who: int
    group: int
    other: int

    async def play(self, story: Story) -> None:
        who, other = story.player(self.who), story.player(self.other)
        group = story.group(self.group)
        answer = await who.user.delete(f"/v1/groups/{group.id}/members/{other.id}")
        expect(answer, story.world.remove(group, who.id, other.id))


@dataclass(frozen=True)
class Leave:
    who: int
    group: int

    async def play(self, story: Story) -> None:
        who, group = story.player(self.who), story.group(self.group)
        answer = await who.user.post(f"/v1/groups/{group.id}/leave")
        expect(answer, story.world.leave(group, who.id))


@dataclass(frozen=True)
class ChangeRole:
    who: int
    group: int
    other: int
    role: str

    async def play(self, story: Story) -> None:
        who, other = story.player(self.who), story.player(self.other)
        group = story.group(self.group)
        path = f"/v1/groups/{group.id}/members/{other.id}/role"
        answer = await who.user.patch(path, {"role": self.role})
        expect(answer, story.world.change_role(group, who.id, other.id, self.role))


@dataclass(frozen=True)
class HandOver:
    who: int
    group: int
    other: int

    async def play(self, story: Story) -> None:
        who, other = story.player(self.who), story.player(self.other)
        group = story.group(self.group)
        answer = await who.user.post(f"/v1/groups/{group.id}/transfer", {"userId": other.id})
        expect(answer, story.world.hand_over(group, who.id, other.id))


@dataclass(frozen=True)
class Restrict:
    who: int
    group: int
    only_admins: bool

    async def play(self, story: Story) -> None:
        who, group = story.player(self.who), story.group(self.group)
        settings = {"onlyAdminsCanMessage": self.only_admins}
        answer = await who.user.patch(f"/v1/groups/{group.id}", {"settings": settings})
        expect(answer, story.world.restrict(group, who.id, self.only_admins))


@dataclass(frozen=True)
class Disband:
    who: int
    group: int

    async def play(self, story: Story) -> None:
        who, group = story.player(self.who), story.group(self.group)
        answer = await who.user.delete(f"/v1/groups/{group.id}")
        expect(answer, story.world.disband(group, who.id))
