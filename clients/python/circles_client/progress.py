"""Which entries were given, and where to resume. No I/O."""


class Progress:
    """`given` is the cursor behind the last entry that was handed out, or None before there is any
    place to resume from."""

    def __init__(self, given: str | None = None) -> None:
        self.given = given
        self._start: str | None = None
        self._awaited: int | None = None
        self._asked_for = 0

    def begins(self, start: str, newest: str) -> None:
        """A stream was opened at `start`. Without a place of our own that becomes ours, but not
        yet where a `reset` may follow: cut off between the two, we would resume behind what we
        were never told to reload."""
        if self.given is None:
            self._start = start
            if start != newest:
                self.goes_on()

    def goes_on(self) -> None:
        """Something other than a reset followed."""
        if self.given is None:
            self.given = self._start

    def takes(self, cursor: str) -> bool:
        """Whether the entry behind `cursor` is new; then it is given."""
        new, last = _place(cursor), _place(self.given)
        if new and last and new[0] == last[0] and new[1] <= last[1]:
            return False
        self.given = cursor
        self._awaited = None
        return True

    def restarts(self, cursor: str) -> None:
        """What comes next follows `cursor`, wherever we were."""
        self.given = cursor
        self._awaited = None
        self._asked_for = 0

    def misses(self, newest: str) -> bool:
        """Whether the mailbox's end, told by two heartbeats in a row, is not coming: then the
        stream should be opened again. Once for each end, since what the owner deleted never comes.
        """
        end, last = _place(newest), _place(self.given)
        if not end or not last or end[0] != last[0] or end[1] <= max(last[1], self._asked_for):
            self._awaited = None
            return False
        if self._awaited is None:
            self._awaited = end[1]
            return False
        self._asked_for = end[1]
        self._awaited = None
        return True


def _place(cursor: str | None) -> tuple[str, int] | None:
    """The store's epoch and the position in the mailbox; None for a cursor of another form, by
    which nothing can be compared."""
    epoch, _, position = (cursor or "").rpartition("-")
    return (epoch, int(position)) if epoch and position.isdecimal() else None
