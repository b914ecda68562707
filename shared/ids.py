"""Identifiers: UUIDv7 for groups, messages and events (RFC 9562, section 5.7)."""

import os
import time
from uuid import UUID

_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62


def uuid7() -> UUID:
    """A new UUIDv7: 48 bits of Unix milliseconds, then 74 random bits.

    Ids sort by creation to the millisecond, which keeps index inserts at the right edge of the
    tree. Nothing may rely on their order within a millisecond: order comes from sequence numbers.
    The standard library has this only from Python 3.14.
    """
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    high = (milliseconds & 0xFFFF_FFFF_FFFF) << 80
    rand_a = ((random >> 62) & 0xFFF) << 64
    rand_b = random & 0x3FFF_FFFF_FFFF_FFFF
    return UUID(int=high | _VERSION_7 | rand_a | _VARIANT | rand_b)
