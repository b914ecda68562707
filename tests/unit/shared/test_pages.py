"""Query parameters, pages and ids in paths."""

import pytest
from aiohttp.test_utils import make_mocked_request
from yarl import URL

from shared.errors import Invalid
from shared.web.pages import Page, Query, id_in_path, page_of, user_in_path


def page(query: str) -> Page:
    return page_of(make_mocked_request("GET", f"/things?{query}"))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", Page(1, 20)),
        ("page=3&limit=7", Page(3, 7)),
        ("limit=100", Page(1, 100)),
        ("limit=1&other=x", Page(1, 1)),
        ("page=999999999999999999", Page(999999999999999999, 20)),
    ],
)
def test_a_page_is_what_was_asked_for(query: str, expected: Page) -> None:
    assert page(query) == expected


@pytest.mark.parametrize(
    ("query", "bad"),
    [
        ("page=0", ["page"]),
        ("page=-1", ["page"]),
        ("page=", ["page"]),
        ("page=1.0", ["page"]),
        ("page=%201", ["page"]),
        ("page=+1", ["page"]),
        ("page=%D9%A1", ["page"]),
        ("page=1e3", ["page"]),
        ("page=" + "9" * 19, ["page"]),
        ("limit=0", ["limit"]),
        ("limit=101", ["limit"]),
        ("limit=x&page=x", ["page", "limit"]),
    ],
)
def test_what_is_no_page_is_refused_by_name(query: str, bad: list[str]) -> None:
    with pytest.raises(Invalid) as refusal:
        page(query)
    assert [error.field for error in refusal.value.errors] == bad


def test_an_answer_says_where_its_things_stand() -> None:
    for total, pages in ((0, 0), (1, 1), (20, 1), (21, 2)):
        answer = Page(2, 20).of("things", ["x"], total)
        assert answer == {
            "things": ["x"],
            "pagination": {"page": 2, "limit": 20, "total": total, "pages": pages},
        }


def test_the_farthest_page_still_fits_the_database() -> None:
    assert 0 <= Page(10**18, 100).offset < 2**63


def test_a_parameter_that_may_be_left_out_is_none_then() -> None:
    query = Query(make_mocked_request("GET", "/?after=0"))
    assert query.optional_integer("before", 1, 10) is None
    assert query.optional_integer("after", 0, 10) == 0
    query.check()


def in_path(text: str, raw: bool = True) -> tuple[object, str | None]:
    request = make_mocked_request("GET", str(URL("/x")))
    request._match_info = {"id": text}  # type: ignore[assignment]
    return id_in_path(request, "id"), user_in_path(request, "id")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "x" * 36,
        "{01a20b31-9f00-7db1-834a-e86ae1bd608}",
        "01a20b319f007db1834ae86ae1bd608c",
    ],
)
def test_what_is_no_id_names_nothing(text: str) -> None:
    assert in_path(text)[0] is None


def test_an_id_is_read_in_any_case() -> None:
    text = "01a20b31-9f00-7db1-834a-e86ae1bd608c"
    assert str(in_path(text)[0]) == str(in_path(text.upper())[0]) == text


@pytest.mark.parametrize("text", ["", "a b", "a,b", "é", "x" * 129, "a\n"])
def test_what_is_no_user_id_names_nobody(text: str) -> None:
    assert in_path(text)[1] is None


def test_a_user_id_may_look_like_an_address() -> None:
    assert in_path("bob@example.com/x")[1] == "bob@example.com/x"
