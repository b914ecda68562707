"""Full collections look at what is new, and still at everything now and then."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from shared.collector import survivors_set_aside


class Cycle:
    """Refers to itself: only a collection frees it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def by_hand() -> Iterator[None]:
    """No collection but those that the test asks for."""
    gc.disable()
    yield
    gc.unfreeze()
    gc.enable()


def test_what_survives_a_full_collection_is_not_looked_at_by_the_next() -> None:
    with survivors_set_aside():
        lives = [Cycle() for _ in range(1000)]
        gc.collect()
        assert not any(one in lives for one in gc.get_objects() if type(one) is Cycle)
        del lives


def test_a_cycle_that_dies_young_is_freed_by_a_full_collection() -> None:
    with survivors_set_aside():
        seen = weakref.ref(Cycle())
        gc.collect()
        assert seen() is None


def test_a_cycle_that_dies_old_is_freed_when_everything_is_looked_at_again() -> None:
    with survivors_set_aside(every=0.0):
        old = Cycle()
        seen = weakref.ref(old)
        gc.collect()
        del old
        gc.collect()
        assert seen() is None


def test_what_was_set_aside_is_in_sight_again_afterwards() -> None:
    with survivors_set_aside():
        lives = Cycle()
        gc.collect()
    assert any(one is lives for one in gc.get_objects())
    assert gc.get_freeze_count() == 0
