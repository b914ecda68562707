"""What Schemathesis can't know from the document: rules that are said in words."""

import json
import unicodedata
from typing import Any
from urllib.parse import quote

import schemathesis
from hypothesis import strategies as st

MAX_INTEGER, MAX_PAGE = 2**53, 10**18 - 1
MAX_METADATA_BYTES, MAX_METADATA_DEPTH = 8 * 1024, 32


def is_visible(text: str) -> bool:
    return any(unicodedata.category(character)[0] in "LNPS" for character in text)


schemathesis.openapi.format(
    "group-name",
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]),
        min_size=1,
        max_size=100,
    ).filter(is_visible),
)
schemathesis.openapi.format(
    "http-url",
    st.builds(
        "{}://{}.example/{}".format,
        st.sampled_from(["http", "https", "HTTPS"]),
        st.from_regex("[a-z]{1,20}", fullmatch=True),
        st.from_regex("[a-z0-9/?&=]{0,100}", fullmatch=True),
    ),
)


def keeps_the_rules(metadata: Any, depth: int = 1) -> bool:
    """Integers that every reader keeps exact, no NUL, not too deep."""
    if isinstance(metadata, str):
        return "\0" not in metadata
    if isinstance(metadata, int):
        return abs(metadata) <= MAX_INTEGER
    if isinstance(metadata, dict | list):
        inner = [*metadata, *metadata.values()] if isinstance(metadata, dict) else metadata
        return depth <= MAX_METADATA_DEPTH and all(keeps_the_rules(v, depth + 1) for v in inner)
    return True


@schemathesis.hook
def filter_body(ctx: Any, body: Any) -> bool:
    """Only what the words allow: what they forbid has tests of its own."""
    if ctx.operation.label != "POST /v1/groups/{id}/messages" or not isinstance(body, dict):
        return True
    content, metadata = body.get("content"), body.get("metadata")
    if isinstance(content, str) and body.get("type", "text") == "text" and not is_visible(content):
        return False
    size = len(json.dumps(metadata, ensure_ascii=False).encode(errors="replace"))
    return keeps_the_rules(metadata) and size <= MAX_METADATA_BYTES


@schemathesis.hook
def before_call(ctx: Any, case: Any, kwargs: Any) -> None:
    """A member is one of those that were added, a history is read by pages, or before a place, or
    after one, and polls answer at once."""
    path = case.path_parameters or {}
    if isinstance(path.get("userId"), list):
        # A sequence hands on the whole answer of adding them.
        path["userId"] = quote(str([*path["userId"], "nobody"][0]), safe="")
    query = case.query
    if query is None:
        return
    if case.operation.label == "GET /v1/groups/{id}/messages":
        places = [name for name in ("before", "after") if is_number(query.get(name))]
        places += ["page"] if is_number(query.get("page"), MAX_PAGE) else []
        for name in places[1:]:
            del query[name]
    if case.operation.label == "GET /v1/sse/poll" and is_number(query.get("timeout", 0), 60):
        query["timeout"] = 0


def is_number(value: object, most: int = MAX_INTEGER) -> bool:
    return str(value).isdecimal() and int(str(value)) <= most
