"""How long to wait before coming back: never sooner than the server asked, and never in step with
everybody else."""

import random
from collections.abc import Callable


class Backoff:
    """Waits that grow with each failure in a row. `asked` is what the server asked for, in seconds;
    `at_most` bounds the growth, not what was asked for."""

    def __init__(
        self,
        asked: float,
        at_most: float,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self.asked = asked
        self.failures = 0
        self._at_most = at_most
        self._uniform = uniform

    def succeeded(self) -> None:
        self.failures = 0

    def next(self, at_least: float | None = None) -> float:
        """Seconds to wait now. The first wait is about what was asked for, since the server has
        chosen it at random; later ones lie anywhere up to its doubles."""
        floor = max(self.asked, at_least or 0.0)
        ceiling = floor * 1.25
        if self.failures:
            grown = max(self.asked, 0.5) * 2.0**self.failures
            ceiling = max(ceiling, min(grown, self._at_most))
        self.failures += 1
        return self._uniform(floor, ceiling)
