"""Sign-in by name: a door for development, which is not there unless it is asked for."""

import pytest

from tests.fixtures.tokens import bearer
from tests.integration.notifier.conftest import Replica, Start


@pytest.fixture
async def local(start: Start) -> Replica:
    return await start(local_sign_in=True)


async def test_whoever_says_a_name_gets_a_token_that_works(local: Replica) -> None:
    nobody = local.person("nobody")
    nobody.headers = {}
    assert (await nobody.get("/v1/local")).status == 200
    answer = await nobody.post("/v1/local/token", {"name": "  Zoë van Dyk "})
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    assert (answer.body["userId"], answer.body["name"]) == ("zoe-van-dyk", "Zoë van Dyk")
    assert answer.body["expiresIn"] == 86_400

    nobody.headers = {"Authorization": f"Bearer {answer.body['token']}"}
    assert (await nobody.get("/v1/notifications/unread-count")).body == {"count": 0}


@pytest.mark.parametrize("with_token", [True, False])
async def test_switched_off_it_is_an_address_like_any_unknown(
    notifier: Replica, with_token: bool
) -> None:
    bob = notifier.person("bob")
    bob.headers = bearer("bob") if with_token else {}
    for answer in (
        await bob.get("/v1/local"),
        await bob.post("/v1/local/token", {"name": "Alice"}),
    ):
        assert (answer.status, answer.code) == (404, "not_found")


@pytest.mark.parametrize(
    ("body", "status", "fields"),
    [
        ({"name": "Alice", "admin": True}, 422, ["admin"]),
        ({"name": 7}, 422, ["name"]),
        ({}, 422, ["name"]),
        ({"name": "   "}, 422, ["name"]),
        ({"name": "a" * 101}, 422, ["name"]),
        ({"name": "Al\nice"}, 422, ["name"]),
        ({"name": "👋"}, 422, ["name"]),
        (["Alice"], 400, None),
    ],
)
async def test_what_is_no_name_is_refused(
    local: Replica, body: object, status: int, fields: list[str] | None
) -> None:
    answer = await local.person("bob").post("/v1/local/token", body)
    assert answer.status == status
    if fields:
        assert answer.bad_fields == fields


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "[::1]", "[::1]:80"]
)
async def test_it_opens_to_who_calls_this_machine_by_its_own_name(
    local: Replica, host: str
) -> None:
    nobody = local.person("nobody")
    nobody.headers = {"Host": host}
    assert (await nobody.get("/v1/local")).status == 200
    assert (await nobody.post("/v1/local/token", {"name": "Alice"})).status == 200


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example"),
        *("evil.example:80:localhost", "192.168.1.7:8080", "[::2]:80", "localhost.", "0.0.0.0", ""),
        "evil.example#localhost",
    ],
)
async def test_a_page_whose_name_was_made_to_mean_this_machine_signs_nobody_in(
    local: Replica, host: str
) -> None:
    nobody = local.person("nobody")
    nobody.headers = {"Host": host}
    for answer in (
        await nobody.get("/v1/local"),
        await nobody.post("/v1/local/token", {"name": "Alice"}),
    ):
        assert (answer.status, answer.code) == (403, "host_not_local")
        assert "localhost" in answer.body["detail"]
