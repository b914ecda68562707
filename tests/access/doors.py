"""At the doors: which credentials open which, at the gateway and past it."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

import jwt

from shared.web.service_tokens import AUDIENCE as SERVICES_AUDIENCE
from shared.web.service_tokens import ISSUER as SERVICES_ISSUER
from shared.web.service_tokens import ServiceTokens
from tests.fixtures.contract import document
from tests.fixtures.people import Person
from tests.fixtures.tokens import AUDIENCE, ISSUER, SERVICE_SECRET, bearer


@dataclass(frozen=True)
class Shown:
    """What a caller shows: headers, and a query."""

    headers: Mapping[str, str] = field(default_factory=dict)
    query: str = ""


Credential = Callable[[Person], Awaitable[Shown]]


def _token(text: str) -> Shown:
    return Shown({"Authorization": f"Bearer {text}"})


async def nothing(_: Person) -> Shown:
    return Shown()


async def own_token(person: Person) -> Shown:
    return Shown(bearer(person.id))


async def expired(person: Person) -> Shown:
    return Shown(bearer(person.id, exp=int(time.time()) - 1))


async def of_another_issuer(person: Person) -> Shown:
    return Shown(bearer(person.id, iss="somebody-else"))


async def for_another_audience(person: Person) -> Shown:
    return Shown(bearer(person.id, aud="another-product"))


def _claims(person: Person) -> dict[str, object]:
    now = int(time.time())
    return {"sub": person.id, "iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + 60}


async def signed_by_somebody_else(person: Person) -> Shown:
    return _token(jwt.encode(_claims(person), "another-secret-of-thirty-two-letters", "HS256"))


async def unsigned(person: Person) -> Shown:
    return _token(jwt.encode(_claims(person), "", "none"))


async def service_token(_: Person) -> Shown:
    return _token(ServiceTokens(SERVICE_SECRET, "chat").new())


async def service_token_of_clients(_: Person) -> Shown:
    """With what the issuer of clients' tokens signs, and all that a service would say."""
    return Shown(bearer("chat", iss=SERVICES_ISSUER, aud=SERVICES_AUDIENCE))


async def _ticket(person: Person) -> str:
    answer = await person.post("/v1/sse/ticket")
    return str(answer.body["ticket"])


async def ticket_in_query(person: Person) -> Shown:
    return Shown(query=f"ticket={await _ticket(person)}")


async def ticket_as_token(person: Person) -> Shown:
    return _token(await _ticket(person))


async def token_as_ticket(person: Person) -> Shown:
    return Shown(query=f"ticket={bearer(person.id)['Authorization'].removeprefix('Bearer ')}")


CREDENTIALS: Mapping[str, Credential] = {
    "nothing": nothing,
    "a token of the issuer": own_token,
    "a token that has expired": expired,
    "a token of another issuer": of_another_issuer,
    "a token for another audience": for_another_audience,
    "a token signed by somebody else": signed_by_somebody_else,
    "a token without a signature": unsigned,
    "a service's token": service_token,
    "a service's token, signed by the clients' issuer": service_token_of_clients,
    "a ticket, in the query": ticket_in_query,
    "a ticket, as a token": ticket_as_token,
    "a token, as a ticket": token_as_ticket,
}

UNAUTHORIZED, NOT_FOUND = 401, 404
NOWHERE = "019aa63f-6b2e-7c41-9a0e-3f1d5b8c7a90"


@dataclass(frozen=True)
class Kind:
    """A kind of doors. `opened_by` are the credentials that it takes; others are refused with
    `refused`. `doors` are method, path, and the service when it is asked past the gateway."""

    name: str
    opened_by: frozenset[str]
    refused: int
    doors: Sequence[tuple[str, str, str]]


def _operations(*, take_tickets: bool) -> list[tuple[str, str, str]]:
    """All that the contract lists, with something in place of each variable part."""
    return [
        (method.upper(), _filled(path), "")
        for path, operations in document()["paths"].items()
        for method, operation in operations.items()
        if ({"ticket": []} in operation["security"]) == take_tickets
    ]


def _filled(path: str) -> str:
    return "/".join(NOWHERE if part.startswith("{") else part for part in path.split("/"))


INTERNAL = [
    ("GET", f"/internal/v1/groups/{NOWHERE}", "groups"),
    ("PUT", f"/internal/v1/groups/{NOWHERE}/changed", "chat"),
    ("POST", "/internal/v1/users/nobody/disconnect", "notifier"),
    ("GET", f"/internal/v1/messages/{NOWHERE}/deletion", "notifier"),
    *(("GET", "/internal/v1/people/nobody/data", each) for each in ("groups", "chat", "notifier")),
    ("POST", "/internal/v1/people/nobody/erasure", "groups"),
    ("GET", f"/internal/v1/erasures/{NOWHERE}", "chat"),
]


def shape_of(path: str) -> str:
    """An internal path with its variable parts in braces."""
    return path.replace(NOWHERE, "{id}").replace("nobody", "{id}")


_OPERATIONS = [("GET", path, "") for path in ("/metrics", "/readyz")]

KINDS = [
    Kind(
        "calls",
        frozenset({"a token of the issuer"}),
        UNAUTHORIZED,
        _operations(take_tickets=False),
    ),
    Kind(
        "streams and polls",
        frozenset({"a token of the issuer", "a ticket, in the query"}),
        UNAUTHORIZED,
        _operations(take_tickets=True),
    ),
    Kind("doors of services, from inside", frozenset({"a service's token"}), 401, INTERNAL),
    Kind(
        "doors of services, through the gateway",
        frozenset(),
        NOT_FOUND,
        [(method, path, "") for method, path, _ in INTERNAL],
    ),
    Kind("`/metrics` and `/readyz`, through the gateway", frozenset(), NOT_FOUND, _OPERATIONS),
]
