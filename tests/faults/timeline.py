"""When things happened, as the clients saw them. All times are monotonic seconds."""

import time
from collections import Counter
from dataclasses import dataclass, field

# A frame that comes later than this after its message was due is late: the system is behind.
LATE_SECONDS = 1.0
# Width of a column in the pictures.
BUCKET_SECONDS = 0.5


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
    late_frames: int = 0
    _noticed: float | None = None
    _last_late: float = 0.0

    def strike(self) -> None:
        self.struck = time.monotonic()

    def lift(self) -> None:
        self.lifted = time.monotonic()

    def failed(self, what: str) -> None:
        """A client saw something fail: a call, or a stream."""
        self.failures[what] += 1
        self._notice()

    def post_accepted(self) -> None:
        self.accepted[self._bucket()] += 1

    def frame(self, due: float) -> None:
        """A message came to a client that was there all the time; it was due then."""
        self.frames[self._bucket()] += 1
        if time.monotonic() - due > LATE_SECONDS:
            self.late_frames += 1
            self._last_late = time.monotonic()
            self._notice()

    @property
    def seconds_to_notice(self) -> float | None:
        """From the strike to the first failed call, lost stream or late message."""
        if self.struck is None or self._noticed is None:
            return None
        return round(self._noticed - self.struck, 2)

    @property
    def seconds_to_recover(self) -> float:
        """From the lift to the last late message: 0 when none came late after it."""
        if self.struck is None:
            return 0.0
        return round(max(0.0, self._last_late - (self.lifted or self.struck)), 2)

    def _notice(self) -> None:
        if self.struck is not None and self._noticed is None:
            self._noticed = time.monotonic()

    def _bucket(self) -> int:
        return int((time.monotonic() - self.began) / BUCKET_SECONDS)
