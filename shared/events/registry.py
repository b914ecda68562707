"""Every published fact by its type. Adding a class here is what publishes it."""

from collections.abc import Mapping
from types import MappingProxyType

from shared.events import chat, groups, notifier
from shared.events.fact import Fact

_PUBLISHED: tuple[type[Fact], ...] = (
    groups.GroupCreated,
    groups.GroupUpdated,
    groups.GroupDeleted,
    groups.MemberAdded,
    groups.MemberRemoved,
    groups.MemberLeft,
    groups.MemberRoleChanged,
    groups.PersonErasedFromGroups,
    chat.MessageSent,
    chat.MessageDeleted,
    chat.MessageDelivered,
    chat.MessageRead,
    chat.PersonErasedFromChat,
    notifier.NotificationDelivered,
    notifier.PersonErasedFromNotifier,
)

FACTS: Mapping[str, type[Fact]] = MappingProxyType({fact.TYPE: fact for fact in _PUBLISHED})
