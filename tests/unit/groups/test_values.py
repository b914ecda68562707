"""What a name, a description and an avatar may be."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.groups.domain import values


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Climbing", "Climbing"),
        ("  two words\t", "two words"),
        ("x", "x"),
        (" " * 50 + "x" * 100 + "\n", "x" * 100),
        ("می‌خواهم", "می‌خواهم"),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
    ],
)
def test_a_name_is_kept_trimmed(sent: str, kept: str) -> None:
    assert values.group_name(sent) == kept


@pytest.mark.parametrize(
    "name",
    [
        "",
        "  ",
        "x" * 101,
        "a\nb",
        "a\0b",
        "\x1b[1m",
        "a\x85b",
        "a\u2029b",
        "\u200b",
        "\u2800",
        "\ud800",
    ],
)
def test_a_name_that_would_not_show_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="must"):
        values.group_name(name)


@pytest.mark.parametrize("text", ["", " as sent ", "one\ntwo\ttabbed", "é" * 500])
def test_a_description_is_kept_as_sent(text: str) -> None:
    assert values.description(text) == text


@pytest.mark.parametrize("text", ["x" * 501, "a\0b"])
def test_a_description_that_can_not_be_kept_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must"):
        values.description(text)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "https://example.com/a.png?size=2#x",
        "HTTPS://EXAMPLE.COM:8443/",
        "https://[2001:db8::1]/a.png",
        "https://例え.jp/絵.png",
        "https://example.com/" + "a" * 2028,
    ],
)
def test_an_avatar_is_kept_as_sent(url: str) -> None:
    assert values.avatar(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.png",
        "//example.com/a.png",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "http:example.com",
        "http://",
        "https:///a.png",
        "https://?x",
        "https://exa mple.com",
        " https://example.com",
        "https://example.com/\n",
        "https://example.com\\@evil.example",
        "https://example.com:99999",
        "https://example.com/" + "a" * 2029,
    ],
)
def test_an_avatar_that_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="must"):
        values.avatar(url)


@pytest.mark.parametrize("check", [values.group_name, values.description, values.avatar])
@given(text=st.text(max_size=600))
def test_what_is_kept_can_be_stored(check: Callable[[str], str], text: str) -> None:
    try:
        kept = check(text)
    except ValueError as error:
        assert str(error).startswith("must")
    else:
        assert "\0" not in kept
        assert len(kept) <= values.MAX_AVATAR
