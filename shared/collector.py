"""Python's garbage collector, kept from standing still over what lives long.

A full collection looks at every object there is: with 10,000 streams the loop stood still for up to
a second, again and again. What survives one is therefore set aside, out of sight of the next; it is
still freed as usual when its last reference goes, which is how a stream ends (six times 3,000
streams opened and closed left the memory as it was). Only a cycle that dies after it was set aside
would stay, so that now and then everything is looked at once.
"""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

# One long look an hour, instead of one whenever the heap has grown by a quarter.
LOOK_AT_ALL_EVERY_SECONDS = 3600.0
_OLDEST_GENERATION = 2


@contextmanager
def survivors_set_aside(every: float = LOOK_AT_ALL_EVERY_SECONDS) -> Iterator[None]:
    """Set aside what lives now and what survives each full collection in the block; at the first of
    these after `every` seconds everything is looked at again."""
    look_at_all_at = time.monotonic() + every

    def collected(phase: str, info: dict[str, int]) -> None:
        nonlocal look_at_all_at
        if info["generation"] != _OLDEST_GENERATION:
            return
        if phase == "stop":
            gc.freeze()
        elif time.monotonic() >= look_at_all_at:
            look_at_all_at = time.monotonic() + every
            gc.unfreeze()

    gc.callbacks.append(collected)
    try:
        gc.collect()
        yield
    finally:
        gc.callbacks.remove(collected)
        gc.unfreeze()
