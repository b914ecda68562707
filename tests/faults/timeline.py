"""When things happened, as the clients saw them. All times are monotonic seconds."""

import time
from collections import Counter
from dataclasses import dataclass, field

# A frame that comes later than this after its message was due is late: the system is behind.
LATE_SECONDS = 1.5
# Width of a column in the pictures.
BUCKET_SECONDS = 0.5
# A process that kills itself is seen to be dead a little later than its clients notice.
DEATH_SEEN_SECONDS = 0.2


@dataclass
class Timeline:
    """One scenario's. `strike` and `lift` are said by the fault: it began; nothing is broken any
    more (for a killed process that is at once: coming back is the system's own business)."""

    began: float = field(default_factory=time.monotonic)
    struck: float | None = None
    lifted: float | None = None
    failures: Counter[str] = field(default_factory=Counter)
    accepted: Counter[int] = field(default_factory=Counter)
    frames: Counter[int] = field(default_factory=Counter)
    late: Counter[str] = field(default_factory=Counter)
    _symptoms: list[float] = field(default_factory=list)
    _last_late: float = 0.0

    def strike(self, at: float | None = None) -> None:
        """Now, or then: who waits for a process to kill itself learns of it later."""
        self.struck = time.monotonic() if at is None else at

    def lift(self) -> None:
        self.lifted = time.monotonic()

    def failed(self, what: str) -> None:
        """A client saw something fail: a call, or a stream."""
        self.failures[what] += 1
        self._symptoms.append(time.monotonic())

    def post_accepted(self) -> None:
        self.accepted[self._bucket()] += 1

    def frame(self, due: float, to: str) -> None:
        """A message that was due then came to a client of the kind `to`."""
        self.frames[self._bucket()] += 1
        if time.monotonic() - due > LATE_SECONDS:
            self.late[to] += 1
            self._last_late = time.monotonic()
            self._symptoms.append(time.monotonic())

    @property
    def seconds_to_notice(self) -> float | None:
        """From the strike to the first failed call, lost stream or late message."""
        if self.struck is None:
            return None
        since = self.struck - DEATH_SEEN_SECONDS
        first = next((at for at in self._symptoms if at >= since), None)
        return None if first is None else round(max(0.0, first - self.struck), 2)

    @property
    def seconds_to_recover(self) -> float:
        """From the lift to the last late message: 0 when none came late after it."""
        if self.struck is None:
            return 0.0
        return round(max(0.0, self._last_late - (self.lifted or self.struck)), 2)

    def _bucket(self) -> int:
        return int((time.monotonic() - self.began) / BUCKET_SECONDS)
