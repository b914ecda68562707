"""What every service's application does before its own doors: problems, identity, CORS, limits."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from typing_extensions import TypedDict

from shared.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, Unavailable
from shared.settings import ServiceSettings
from shared.web.app import new_app
from shared.web.contract import operation
from shared.web.identity import CALLER
from tests.fixtures.tokens import AUDIENCE, ISSUER, SECRET, SERVICE_SECRET, bearer

Client = TestClient[web.Request, web.Application]
Open = Callable[..., Awaitable[Client]]
Door = Callable[[web.Request], Awaitable[web.StreamResponse]]

BOB = bearer("bob", "Bob")


class Full(Conflict):
    code = "full"


def raises(error: Exception) -> Door:
    async def door(_: web.Request) -> web.StreamResponse:
        raise error

    return door


async def who(request: web.Request) -> web.Response:
    return web.json_response({"userId": request[CALLER].user_id, "name": request[CALLER].name})


@pytest.fixture
async def open_app() -> AsyncIterator[Open]:
    """Opens an application with these settings and, at /door, this door."""
    async with AsyncExitStack() as stack:

        async def opened(door: Door = who, **changed: object) -> Client:
            settings = ServiceSettings.model_validate(
                {
                    "database_url": "postgresql://nobody@localhost/none",
                    "amqp_url": "amqp://nobody@localhost/",
                    "token_secret": SECRET,
                    "token_issuer": ISSUER,
                    "token_audience": AUDIENCE,
                    "service_secret": SERVICE_SECRET,
                    "port": 1,
                    **changed,
                }
            )
            app = new_app(settings)
            app.router.add_get("/door", door)
            return await stack.enter_async_context(TestClient(TestServer(app)))

        yield opened


async def test_a_door_knows_who_is_calling(open_app: Open) -> None:
    async with (await open_app()).get("/door", headers=BOB) as answer:
        assert await answer.json() == {"userId": "bob", "name": "Bob"}


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic Ym9iOng=", "x"])
async def test_without_a_token_nobody_gets_in(open_app: Open, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    async with (await open_app()).get("/door", headers=headers) as answer:
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert (await answer.json(content_type=None))["code"] == "token_missing"


async def test_the_scheme_may_be_written_in_any_case(open_app: Open) -> None:
    headers = {"Authorization": BOB["Authorization"].replace("Bearer", "bEARER")}
    async with (await open_app()).get("/door", headers=headers) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    ("refusal", "status", "code"),
    [
        (Invalid("no"), 422, "invalid"),
        (NotFound("no"), 404, "not_found"),
        (Forbidden("no"), 403, "forbidden"),
        (Conflict("no"), 409, "conflict"),
        (Full("no"), 409, "full"),
        (Unavailable("no"), 503, "unavailable"),
    ],
)
async def test_each_kind_of_refusal_has_its_status_and_keeps_its_code(
    open_app: Open, refusal: Exception, status: int, code: str
) -> None:
    async with (await open_app(raises(refusal))).get("/door", headers=BOB) as answer:
        assert answer.content_type == "application/problem+json"
        body = await answer.json(content_type=None)
        assert answer.status == body["status"] == status
        assert (body["code"], body["detail"], body["type"]) == (code, "no", "about:blank")
        assert body["title"]
        assert "errors" not in body
        assert ("Retry-After" in answer.headers) == (status == 503)


async def test_every_bad_field_is_in_the_answer(open_app: Open) -> None:
    refusal = Invalid("no", [FieldError("a.b", "is short"), FieldError("c", "is long")])
    async with (await open_app(raises(refusal))).get("/door", headers=BOB) as answer:
        assert (await answer.json(content_type=None))["errors"] == [
            {"field": "a.b", "message": "is short"},
            {"field": "c", "message": "is long"},
        ]


async def test_an_unforeseen_error_tells_nothing_of_its_inside(
    open_app: Open, caplog: pytest.LogCaptureFixture
) -> None:
    failure = RuntimeError("INSERT INTO secrets VALUES ('a secret')")
    async with (await open_app(raises(failure))).get("/door", headers=BOB) as answer:
        text = await answer.text()
        assert (answer.status, (await answer.json(content_type=None))["code"]) == (500, "internal")
    for word in ("secret", "RuntimeError", "Traceback", ".py", "INSERT"):
        assert word not in text
    assert "secret" not in caplog.text


async def test_what_is_not_there_and_what_it_does_not_do_are_problems_too(open_app: Open) -> None:
    client = await open_app()
    async with client.get("/nowhere", headers=BOB) as answer:
        assert (answer.status, answer.content_type) == (404, "application/problem+json")
    async with client.post("/door", headers=BOB) as answer:
        assert answer.status == 405
        assert "GET" in answer.headers["Allow"]
        assert (await answer.json(content_type=None))["code"] == "method_not_allowed"


async def test_the_process_says_that_it_lives_to_anybody(open_app: Open) -> None:
    client = await open_app()
    async with client.get("/healthz") as answer:
        assert (answer.status, await answer.json()) == (200, {"status": "ok"})
    async with client.get("/metrics") as answer:
        assert "# HELP " in await answer.text()


class Here(TypedDict):
    """Who is calling."""

    userId: str


@operation({200: Here}, refusals=[Full])
async def described(request: web.Request) -> web.Response:
    """Say who is calling."""
    return web.json_response({"userId": request[CALLER].user_id})


async def test_an_application_describes_its_own_doors_to_whoever_asks(open_app: Open) -> None:
    client = await open_app(described)
    async with client.get("/openapi.json") as answer:
        document = await answer.json()
    assert list(document["paths"]) == ["/door"]
    door = document["paths"]["/door"]["get"]
    assert door["summary"] == "Say who is calling."
    assert door["responses"]["200"]["description"] == "Who is calling."
    refused = door["responses"]["409"]["content"]["application/problem+json"]["schema"]
    assert refused["allOf"][1]["properties"]["code"] == {"enum": ["full"]}
    assert {"400", "401", "429", "500", "503"} < set(door["responses"])
    # It takes neither a body nor parameters.
    assert not {"413", "415", "422"} & set(door["responses"])


PREFLIGHT = {
    "Access-Control-Request-Method": "GET",
    "Access-Control-Request-Headers": "authorization",
}


async def test_without_listed_origins_browsers_elsewhere_are_told_nothing(open_app: Open) -> None:
    client = await open_app()
    async with client.options("/door", headers=PREFLIGHT | {"Origin": "https://a.example"}) as said:
        assert said.status != 204
        assert not [name for name in said.headers if name.startswith("Access-Control")]
    async with client.get("/door", headers=BOB | {"Origin": "https://a.example"}) as said:
        assert "Access-Control-Allow-Origin" not in said.headers


async def test_listed_origins_may_call_with_what_clients_send(open_app: Open) -> None:
    client = await open_app(cors_origins="https://a.example, https://b.example")
    for origin in ("https://a.example", "https://b.example"):
        async with client.options("/door", headers=PREFLIGHT | {"Origin": origin}) as said:
            assert said.status == 204
            assert said.headers["Access-Control-Allow-Origin"] == origin
            allowed = said.headers["Access-Control-Allow-Headers"].split(", ")
            assert {"Authorization", "Content-Type", "Last-Event-ID"} <= set(allowed)
            for method in ("GET", "POST", "PATCH", "DELETE"):
                assert method in said.headers["Access-Control-Allow-Methods"]
        async with client.get("/door", headers={"Origin": origin}) as said:
            # A refusal that the browser hides from the page would look like a dead server.
            assert said.status == 401
            assert said.headers["Access-Control-Allow-Origin"] == origin
            assert said.headers["Vary"] == "Origin"


@pytest.mark.parametrize(
    "origin", ["https://c.example", "https://a.example.evil", "http://a.example", "null", "*"]
)
async def test_other_origins_stay_out(open_app: Open, origin: str) -> None:
    client = await open_app(cors_origins="https://a.example")
    async with client.options("/door", headers=PREFLIGHT | {"Origin": origin}) as said:
        assert said.status != 204
        assert "Access-Control-Allow-Origin" not in said.headers


async def test_who_calls_too_often_is_told_when_to_come_back_and_others_go_on(
    open_app: Open,
) -> None:
    client = await open_app(rate_calls_per_second=1, rate_calls_burst=3)
    for left in (2, 1, 0):
        async with client.get("/door", headers=BOB) as answer:
            assert answer.status == 200
            assert answer.headers["RateLimit-Policy"] == '"calls";q=3;w=3'
            assert answer.headers["RateLimit"].startswith(f'"calls";r={left};t=')
    async with client.get("/door", headers=BOB) as answer:
        assert (answer.status, answer.content_type) == (429, "application/problem+json")
        seconds = answer.headers["Retry-After"]
        assert 1 <= int(seconds) <= 3
        assert answer.headers.getall("RateLimit") == [f'"calls";r=0;t={seconds}']
        assert (await answer.json(content_type=None))["code"] == "rate_limited"
    async with client.get("/door", headers=bearer("carol")) as answer:
        assert answer.status == 200
    for _ in range(5):
        async with client.get("/healthz") as answer:
            assert answer.status == 200
            assert "RateLimit" not in answer.headers


async def test_a_refusal_that_counted_says_what_is_left_too(open_app: Open) -> None:
    client = await open_app(raises(Full("no")))
    async with client.get("/door", headers=BOB) as answer:
        assert (answer.status, answer.headers["RateLimit"]) == (409, '"calls";r=199;t=1')
    async with client.get("/door") as answer:
        assert answer.status == 401
        assert "RateLimit" not in answer.headers


async def test_pages_elsewhere_may_read_what_is_left(open_app: Open) -> None:
    client = await open_app(cors_origins="https://a.example")
    async with client.get("/door", headers=BOB | {"Origin": "https://a.example"}) as answer:
        exposed = set(answer.headers["Access-Control-Expose-Headers"].split(", "))
        assert {"Retry-After", "RateLimit", "RateLimit-Policy"} == exposed
