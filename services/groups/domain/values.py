"""What a name, a description and an avatar may be. Each check returns the value to keep, or raises
ValueError with what the value must be."""

import unicodedata

from pydantic_core import Url

from shared.visible import has_visible_character

MAX_NAME = 100
MAX_DESCRIPTION = 500
MAX_AVATAR = 2048

# Categories of Unicode that would break a line of a list (controls, line separators) or break
# UTF-8 (surrogates). Joiners stay: emoji families and Persian names are written with them.
_BREAKING = frozenset({"Cc", "Cs", "Zl", "Zp"})


def group_name(text: str) -> str:
    """The name, trimmed."""
    name = text.strip()
    if not 1 <= len(name) <= MAX_NAME:
        raise ValueError(f"must have 1 to {MAX_NAME} characters, spaces around it aside")
    if not _BREAKING.isdisjoint(map(unicodedata.category, name)):
        raise ValueError("must not contain control characters")
    if not has_visible_character(name):
        raise ValueError("must have at least one visible character")
    return name


def description(text: str) -> str:
    """The description, as sent: it may have lines."""
    if len(text) > MAX_DESCRIPTION:
        raise ValueError(f"must have at most {MAX_DESCRIPTION} characters")
    if "\0" in text:
        raise ValueError("must not contain the character NUL")
    return text


def avatar(text: str) -> str:
    """The address of a picture, as sent."""
    if len(text) > MAX_AVATAR:
        raise ValueError(f"must have at most {MAX_AVATAR} characters")
    # Parsers of URLs drop some of these silently: others would then see another address.
    if any(c.isspace() or c == "\\" or unicodedata.category(c) in _BREAKING for c in text):
        raise ValueError("must not contain spaces, backslashes or control characters")
    scheme, _, rest = text.partition("://")
    if scheme.lower() not in {"http", "https"} or rest[:1] in {"", "/"}:
        raise ValueError("must be an http or https URL with a host")
    try:
        Url(text)
    except ValueError:
        raise ValueError("must be an http or https URL with a host") from None
    return text
