"""Names and messages that nobody could see."""

import pytest

from shared.visible import has_visible_character
from shared.web.identity import usable_name


@pytest.mark.parametrize("text", ["a", " é ", "🏔", "。", "\u200b.\u200b", "\U0001fae8", "نام"])
def test_a_reader_sees_something(text: str) -> None:
    assert has_visible_character(text)


@pytest.mark.parametrize("text", ["\U0001fac6", "\ue000", "\u0378"])
def test_what_only_newer_fonts_can_show_counts_as_seen(text: str) -> None:
    assert has_visible_character(text)


@pytest.mark.parametrize("text", ["", " ", "\t\r\n", "\u200b\u200d\ufeff", "\u2028", "\x07"])
def test_a_reader_sees_nothing_of_blanks(text: str) -> None:
    assert not has_visible_character(text)


@pytest.mark.parametrize("text", ["\u2800", "\u3164", "\ufe0f", "\u115f", "\u034f"])
def test_a_reader_sees_nothing_of_fillers(text: str) -> None:
    assert not has_visible_character(text)
    assert usable_name(text) is None
