"""Whom a fact that comes late must not bring back."""

import hmac
import math
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256

from shared.erasures import book
from shared.erasures.book import Remembered
from shared.postgres.pool import Connection

# What another replica noted is known here so much later, at the latest.
TRUSTED_SECONDS = 1.0
_NEVER = datetime.min.replace(tzinfo=UTC)


class Memory:
    """Remembers the erased by a keyed hash of their ids: without the secret, the table gives nobody
    back to whoever guesses ids."""

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), b"circles: who was erased", sha256)
        self._latest = _NEVER
        self._looked_at = self._noted_at = -math.inf

    def hash(self, user_id: str) -> bytes:
        return hmac.digest(self._key, user_id.encode(), sha256)

    def forget_what_was_looked_up(self) -> None:
        """Something was noted in this process just now. A look that is on its way may have begun
        before, and counts for nothing."""
        self._noted_at = time.monotonic()

    @property
    def looked_up(self) -> datetime | None:
        """Facts from this moment on name nobody who was erased; None when the last look is too
        long ago to say so."""
        is_fresh = time.monotonic() - self._looked_at < TRUSTED_SECONDS
        return self._latest if is_fresh and self._looked_at > self._noted_at else None

    async def look(self, connection: Connection) -> tuple[datetime, bool]:
        """What `looked_up` answers next, and whether an erasure is at work here."""
        asked_at = time.monotonic()
        latest, at_work = await book.state(connection)
        if asked_at > self._looked_at:
            self._latest, self._looked_at = latest or _NEVER, asked_at
        return latest or _NEVER, at_work

    async def among(self, connection: Connection, user_ids: Iterable[str]) -> dict[str, Remembered]:
        """Those of the people who were erased, by id."""
        return await book.among(connection, {self.hash(user_id): user_id for user_id in user_ids})


def pseudonyms(erased: dict[str, Remembered], moment: datetime) -> dict[str, str]:
    """What becomes of the people in a fact of this moment, of those `erased`."""
    return {user_id: found.pseudonym for user_id, found in erased.items() if moment < found.until}
