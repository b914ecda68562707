"""Where a client keeps its place between runs."""

import os
from pathlib import Path
from typing import Protocol


class CursorStore(Protocol):
    """Keeps one cursor of one user. `save` is called for every event that was handled: it should
    be quick, and what it wrote must be whole even when the process is killed."""

    async def load(self) -> str | None:
        """The cursor saved last, or None."""
        ...

    async def save(self, cursor: str) -> None: ...


class MemoryCursor:
    """Forgotten with the process: the next run begins with what was never delivered."""

    def __init__(self, cursor: str | None = None) -> None:
        self.cursor = cursor

    async def load(self) -> str | None:
        return self.cursor

    async def save(self, cursor: str) -> None:
        self.cursor = cursor


class FileCursor:
    """In a file of its own, one per user: a cursor means nothing in another's mailbox.

    Raises OSError where the file can't be read or written: `load` too, where `save` could not.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)

    async def load(self) -> str | None:
        # Said now, and not when the first event is there and its place would be lost.
        folder = self._path.parent
        if not folder.is_dir():
            raise FileNotFoundError(
                f"There is no folder {folder} for the cursor {self._path.name}."
            )
        if not os.access(folder, os.W_OK):
            raise PermissionError(f"Nothing can be written to {folder}, where the cursor would be.")
        # A few bytes from the page cache: a thread would cost more than it saves.
        try:
            return self._path.read_text().strip() or None
        except FileNotFoundError:
            return None

    async def save(self, cursor: str) -> None:
        # Replaced in one step: half a cursor would be another place, or none.
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}.draft")
        draft.write_text(cursor)
        draft.replace(self._path)
