"""How late an event loop was between two looks, from the figures that the service itself serves."""

from dataclasses import dataclass

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

NAME = "circles_loop_lag_seconds"


@dataclass(frozen=True)
class Lag:
    """How often the loop was looked at, by the upper bound in seconds that it stayed within;
    cumulative, as Prometheus has it."""

    within: dict[float, int]

    def since(self, before: "Lag") -> "Lag":
        return Lag({bound: count - before.within[bound] for bound, count in self.within.items()})

    @property
    def looks(self) -> int:
        return max(self.within.values())

    @property
    def worst_ms(self) -> float:
        """The upper bound of the worst; infinite beyond the last bound."""
        return min(bound for bound, n in self.within.items() if n == self.looks) * 1e3

    def beyond(self, seconds: float) -> int:
        """How many were later than `seconds`, which is one of the bounds."""
        return self.looks - self.within[seconds]


async def lag_of(url: str) -> Lag:
    """As `url`, a page of metrics, tells it now."""
    async with aiohttp.ClientSession(raise_for_status=True) as http, http.get(url) as answer:
        families = text_string_to_metric_families(await answer.text())
    samples = [s for family in families if family.name == NAME for s in family.samples]
    return Lag({float(s.labels["le"]): int(s.value) for s in samples if "le" in s.labels})
