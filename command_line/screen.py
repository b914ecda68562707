"""What a terminal shows of other people's words."""

import unicodedata

from rich.console import Console

# Highlighting would colour numbers in people's messages; markup would let them colour the screen.
console = Console(highlight=False, markup=False, soft_wrap=True)

# Controls, and those that change the direction of text: they could rewrite what stands beside them.
_DANGEROUS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def harmless(text: str) -> str:
    """`text` on one line, without anything that a terminal would obey."""
    one_line = " ⏎ ".join(text.splitlines())
    return "".join(
        "�" if unicodedata.category(c) in ("Cc", "Zl", "Zp") or c in _DANGEROUS else c
        for c in one_line
    )
