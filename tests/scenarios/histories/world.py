"""The model: what must come of what people do. Verbs answer the status that the system must answer
with, and change nothing when that is a refusal."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.scenarios.histories.nouns import (
    CONFLICT,
    CREATED,
    FORBIDDEN,
    INVALID,
    NOT_FOUND,
    OK,
    Draft,
    Group,
    Message,
)
from tests.scenarios.histories.told import Told, about


@dataclass(eq=False)
class World:
    """`told` is what each person's inbox must hold, `read_receipts` which of their messages each
    must be told to have been read by whom: (message id, reader)."""

    groups: list[Group] = field(default_factory=list)
    told: defaultdict[str, Counter[Told]] = field(default_factory=lambda: defaultdict(Counter))
    read_receipts: defaultdict[str, Counter[tuple[str, str]]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    _moments: int = 0

    def groups_of(self, who: str) -> list[Group]:
        """Newest activity first."""
        mine = [group for group in self.groups if group.has(who)]
        return sorted(mine, key=lambda group: group.active_at, reverse=True)

    def begin(self, group: Group, guests: Iterable[str]) -> None:
        """A group or dm begins: its history with a line, its guests' with an invitation."""
        self.groups.append(group)
        self._leave_notice(group, group.creator)
        group.joined = dict.fromkeys(group.roles, len(group.messages))
        self.tell(guests, "group.invite", group, group.type, group.creator)

    def append(self, group: Group, message: Message) -> None:
        group.messages.append(message)
        self._moments += 1
        group.active_at = self._moments

    def tell(self, whom: Iterable[str], type_: str, group: Group, what: str, by: str) -> None:
        for person in whom:
            self.told[person][Told(type_, group.id, what, by)] += 1

    def _leave_notice(self, group: Group, who: str) -> None:
        self.append(group, Message(len(group.messages) + 1, who, Draft("", "system")))

    # Members and roles.

    def add(self, group: Group, who: str, others: Sequence[str]) -> int:
        if refusal := group.refuses_as_admin(who):
            return refusal
        if new := [other for other in dict.fromkeys(others) if other not in group.roles]:
            group.roles |= dict.fromkeys(new, "member")
            self._leave_notice(group, who)
            group.joined |= dict.fromkeys(new, len(group.messages))
            self.tell(new, "group.invite", group, group.type, who)
        return OK

    def remove(self, group: Group, who: str, other: str) -> int:
        if who == other:
            return self.leave(group, who)
        if refusal := group.refuses_to_manage(who, other):
            return refusal
        self.tell(group.roles, "group.member_removed", group, other, who)
        self._take_out(group, who, other)
        return OK

    def leave(self, group: Group, who: str) -> int:
        if refusal := group.refuses(who):
            return refusal
        if who == group.creator:
            return CONFLICT
        self.tell(group.roles, "group.member_left", group, who, who)
        self._take_out(group, who, who)
        return OK

    def _take_out(self, group: Group, who: str, other: str) -> None:
        del group.roles[other]
        self._leave_notice(group, who)

    def change_role(self, group: Group, who: str, other: str, role: str) -> int:
        if refusal := group.refuses_to_manage(who, other):
            return refusal
        if group.roles[other] != role:
            group.roles[other] = role
            self._leave_notice(group, who)
            self.tell([other], "group.role_updated", group, about(other, role, None), who)
        return OK

    def hand_over(self, group: Group, who: str, heir: str) -> int:
        if refusal := group.refuses(who):
            return refusal
        if who != group.creator:
            return FORBIDDEN
        if heir not in group.roles:
            return INVALID
        if heir != who:
            group.creator, group.roles[heir] = heir, "admin"
            self._leave_notice(group, who)
            what = about(heir, "admin", heir)
            self.tell([who, heir], "group.role_updated", group, what, who)
        return OK

    def restrict(self, group: Group, who: str, only_admins: bool) -> int:
        if refusal := group.refuses_as_admin(who):
            return refusal
        if group.only_admins != only_admins:
            group.only_admins = only_admins
            self.tell(group.roles, "group.updated", group, about(["settings"]), who)
        return OK

    def disband(self, group: Group, who: str) -> int:
        if refusal := group.refuses(who):
            return refusal
        if who != group.creator:
            return FORBIDDEN
        self.tell(group.roles, "group.deleted", group, "", who)
        group.is_deleted = True
        return OK

    # Messages.

    def send(self, group: Group, who: str, draft: Draft, id_: str) -> int:
        """`id_` is the id that the system gave the message, if it did."""
        if draft.type == "text" and not draft.content:
            return INVALID
        if not group.has(who):
            return NOT_FOUND
        if (earlier := group.earlier(who, draft)) is not None:
            same = earlier.draft.type == draft.type and (
                earlier.is_deleted or earlier.draft == draft
            )
            return OK if same else CONFLICT
        if group.only_admins and group.roles[who] != "admin":
            return FORBIDDEN
        self._reads(group, who, len(group.messages))
        seq, audience = len(group.messages) + 1, frozenset(group.roles) - {who}
        self.append(group, Message(seq, who, draft, audience, id_))
        group.read[who] = seq
        what = about(id_, seq, draft.type, draft.client_id)
        self.tell(audience, "message.new", group, what, who)
        return CREATED

    def delete(self, group: Group, who: str, message: Message) -> int:
        if not group.has(who):
            return NOT_FOUND
        if message.is_system:
            return CONFLICT
        if who != message.sender and group.roles[who] != "admin":
            return FORBIDDEN
        if not message.is_deleted:
            message.is_deleted = True
            what = about(message.id, message.seq)
            self.tell(group.roles, "message.deleted", group, what, who)
        return OK

    def mark_read(self, group: Group, who: str, message: Message) -> int:
        if not group.has(who):
            return NOT_FOUND
        self._reads(group, who, message.seq)
        return OK

    def _reads(self, group: Group, who: str, up_to: int) -> None:
        for message in group.messages[group.read.get(who, 0) : up_to]:
            if who in message.audience:
                self.read_receipts[message.sender][message.id, who] += 1
        group.read[who] = max(group.read.get(who, 0), up_to)
