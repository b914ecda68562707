"""Learning what people are called from the tokens that come by."""

import time
from collections import OrderedDict
from datetime import UTC, datetime

from services.chat.storage import display_names
from shared.postgres.pool import Database

REMEMBERED = 10_000
# Another replica may have learned another name meanwhile.
TRUSTED_SECONDS = 60.0


class KnownNames:
    """The names last written by this process: what is in here needs no write. A name forgotten
    costs one statement that writes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._names: OrderedDict[str, tuple[str, float]] = OrderedDict()

    async def learn(self, user_id: str, name: str) -> None:
        """Keep `name` as the last one known. Raises DatabaseAway."""
        known, until = self._names.get(user_id, ("", 0.0))
        if known == name and until > time.monotonic():
            return
        async with self._database.connection() as connection:
            await display_names.learn(connection, {user_id: (name, datetime.now(UTC))})
        self._names[user_id] = (name, time.monotonic() + TRUSTED_SECONDS)
        self._names.move_to_end(user_id)
        if len(self._names) > REMEMBERED:
            self._names.popitem(last=False)
