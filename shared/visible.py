"""Whether a text shows anything: names and messages that nobody sees confuse everybody."""

import unicodedata

# Controls, formats (zero-width joiners, marks of direction), surrogates, spaces. What Unicode has
# not assigned yet is taken for visible: it may be the emoji of next year.
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})
# Letters, marks and symbols that show nothing: fillers, joiners, selectors, the blank of braille.
_INVISIBLE = frozenset(
    map(chr, (0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0))
) | frozenset(map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))


def has_visible_character(text: str) -> bool:
    """Whether a reader would see anything at all."""
    return any(
        unicodedata.category(character) not in _INVISIBLE_CATEGORIES and character not in _INVISIBLE
        for character in text
    )
