"""What breaks, as data. Another scenario is another entry here, and perhaps a way to break things
in `faults.py`."""

from collections.abc import Sequence

from tests.faults import faults
from tests.faults.scene import Scenario

SCENARIOS: Sequence[Scenario] = (
    Scenario(
        "kill-notifier",
        "kill -9 of the notifier that consumes, and its third of the streams",
        faults.kill_active_notifier,
        quick=True,
    ),
)
