"""Ids are UUIDv7."""

import time
from uuid import RFC_4122, UUID

from shared.ids import uuid7


def test_an_id_is_a_version_7_uuid_of_the_standard_variant() -> None:
    for _ in range(100):
        made = uuid7()
        assert made.version == 7
        assert made.variant == RFC_4122


def test_an_id_carries_the_millisecond_in_which_it_was_made() -> None:
    before = time.time_ns() // 1_000_000
    milliseconds = uuid7().int >> 80
    assert before <= milliseconds <= time.time_ns() // 1_000_000


def test_ids_sort_by_the_millisecond_in_which_they_were_made() -> None:
    made: list[UUID] = []
    while len(made) < 3:
        made.append(uuid7())
        milliseconds = time.time_ns() // 1_000_000
        while time.time_ns() // 1_000_000 == milliseconds:
            pass
    assert made == sorted(made, key=str)


def test_ids_made_at_once_differ() -> None:
    assert len({uuid7() for _ in range(10_000)}) == 10_000
