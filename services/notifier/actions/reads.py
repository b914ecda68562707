"""What an owner does with their inbox: read, read all, delete."""

from services.notifier.errors import NotificationNotFound
from services.notifier.storage import entries, mailboxes
from services.notifier.storage.entries import StoredEntry
from shared.postgres.pool import Database


async def mark_read(database: Database, user_id: str, seq: int) -> StoredEntry:
    """Mark one entry as read; answers it. Raises NotificationNotFound."""
    async with database.transaction() as connection:
        mailbox = await mailboxes.lock(connection, user_id)
        if mailbox is None:
            raise NotificationNotFound
        # What read-all has read keeps that as the time at which it was read.
        is_newer = seq > mailbox.read_seq
        if is_newer and await entries.mark_read(connection, mailbox.id, seq):
            await mailboxes.change(connection, mailbox.id, unread=-1)
        entry = await entries.one(connection, user_id, seq)
    if entry is None:
        raise NotificationNotFound
    return entry


async def mark_all_read(database: Database, user_id: str) -> int:
    """Mark everything as read; answers how many entries were unread."""
    async with database.transaction() as connection:
        mailbox = await mailboxes.lock(connection, user_id)
        if mailbox is None or not mailbox.unread:
            return 0
        await mailboxes.read_all(connection, mailbox.id)
    return mailbox.unread


async def delete(database: Database, user_id: str, seq: int) -> None:
    """Delete one entry. Raises NotificationNotFound."""
    async with database.transaction() as connection:
        mailbox = await mailboxes.lock(connection, user_id)
        read = await entries.delete(connection, mailbox.id, seq) if mailbox else None
        if mailbox is None or read is None:
            raise NotificationNotFound
        was_unread = not read and seq > mailbox.read_seq
        await mailboxes.change(connection, mailbox.id, unread=-was_unread, total=-1)
