"""Deleting a message."""

from uuid import UUID

from services.chat.actions.facts import message_deleted
from services.chat.domain.messages import fingerprint
from services.chat.errors import MessageNotFound, NotYoursToDelete, SystemMessageStays
from services.chat.storage import groups, members, messages
from shared.events.fact import Person
from shared.outbox.record import Outbox, record


async def delete_message(outbox: Outbox, message_id: UUID, actor: tuple[str, str | None]) -> None:
    """Take the content away for good, as `actor` (id, name on the token); every member learns of
    it by MessageDeleted. Deleting again changes nothing and tells nobody.

    Raises MessageNotFound, NotYoursToDelete, SystemMessageStays.
    """
    actor_id, actor_name = actor
    async with outbox.transaction() as connection:
        place = await messages.place(connection, message_id, actor_id)
        if place is None or place["is_deleted"]:
            raise MessageNotFound
        # Locked before anything is decided: the audience and the roles are those of this moment.
        group = (await groups.lock(connection, [place["group_id"]]))[place["group_id"]]
        present = await members.present(connection, group.id)
        if actor_id not in present:
            raise MessageNotFound(group.id)
        found = await messages.page(connection, group.id, place["seq"], place["seq"])
        if not found:
            # Older than what is kept, and removed before the lock was won.
            raise MessageNotFound
        message = found[0]
        if message.type == "system":
            raise SystemMessageStays
        if message.sender_id != actor_id and present[actor_id].role != "admin":
            raise NotYoursToDelete(group.id)
        if message.is_deleted:
            return
        # Taken here and not when it was sent: sending is frequent, and needs none.
        left = fingerprint(message.id, message) if message.client_message_id else None
        await messages.blank(connection, message.id, left)
        person = Person(user_id=actor_id, name=actor_name or present[actor_id].name or actor_id)
        await record(connection, message_deleted(group.ref, message, person, list(present)))
