"""The nouns of the model: messages, and groups with their members and who may do what."""

from dataclasses import dataclass, field

OK, CREATED, FORBIDDEN, NOT_FOUND, CONFLICT, INVALID = 200, 201, 403, 404, 409, 422


@dataclass(frozen=True)
class Draft:
    content: str
    type: str = "text"
    client_id: str | None = None


@dataclass(eq=False)
class Message:
    """`audience` are those who were members when it was sent, without the sender. The ids and the
    words of system messages are the service's own."""

    seq: int
    sender: str
    draft: Draft
    audience: frozenset[str] = frozenset()
    id: str = ""
    is_deleted: bool = False

    @property
    def is_system(self) -> bool:
        return self.draft.type == "system"


@dataclass(eq=False)
class Group:
    """`roles` are those of the members; `joined` and `read` say up to which message the history
    had come when they joined, and up to where they have read."""

    id: str
    type: str
    creator: str
    roles: dict[str, str]
    only_admins: bool = False
    is_deleted: bool = False
    messages: list[Message] = field(default_factory=list)
    joined: dict[str, int] = field(default_factory=dict)
    read: dict[str, int] = field(default_factory=dict)
    active_at: int = 0

    def has(self, who: str) -> bool:
        return not self.is_deleted and who in self.roles

    def unread_of(self, who: str) -> int:
        start = max(self.read.get(who, 0), self.joined[who])
        return sum(not message.is_system for message in self.messages[start:])

    def earlier(self, who: str, draft: Draft) -> Message | None:
        """What `who` has sent before with the same client's id."""
        if draft.client_id is None:
            return None
        mine = (message for message in self.messages if message.sender == who)
        return next((each for each in mine if each.draft.client_id == draft.client_id), None)

    def refuses(self, who: str) -> int | None:
        """What everybody hears who tries to change what they are not in, or what never changes."""
        if not self.has(who):
            return NOT_FOUND
        return CONFLICT if self.type == "dm" else None

    def refuses_as_admin(self, who: str) -> int | None:
        return self.refuses(who) or (FORBIDDEN if self.roles[who] != "admin" else None)

    def refuses_to_manage(self, who: str, other: str) -> int | None:
        if refusal := self.refuses_as_admin(who):
            return refusal
        if other not in self.roles:
            return NOT_FOUND
        return CONFLICT if other == self.creator else None
