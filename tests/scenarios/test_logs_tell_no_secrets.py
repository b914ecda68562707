"""Whatever happens, no log tells what people wrote, or lets anybody in."""

from uuid import uuid4

import aiohttp
import jwt

from tests.fixtures.stack import Stack
from tests.scenarios.people import User

WORDS = f"xylophone-{uuid4().hex}"
FORGED = jwt.encode({"sub": "mallory"}, "a-secret-that-is-nobody's-at-all-0001", "HS256")


def logged(stack: Stack) -> str:
    """Everything that services and gateway have said so far."""
    logs = [stack.gateway.log, *(service.process.log for service in stack.services.values())]
    return "".join(log.read_text(errors="replace") for log in logs)


async def test_neither_what_was_written_nor_a_token_is_in_any_log(
    stack: Stack, http: aiohttp.ClientSession, alice: User, bob: User
) -> None:
    group = await alice.creates_group(bob, name=f"Group {WORDS}")
    ticket = (await bob.post("/v1/sse/ticket")).body["ticket"]
    async with bob.stream() as stream:
        message = await alice.sends(group, f"Hello {WORDS}", metadata={"note": WORDS})
        await stream.told("message.new")
        await bob.reads(message)
    # What is refused, breaks off or makes no sense is where words slip into logs.
    for body in ({"content": WORDS * 500}, {"content": WORDS, "type": WORDS}, {WORDS: WORDS}):
        assert (await alice.post(f"/v1/groups/{group['id']}/messages", body)).status == 422
    await alice.get(f"/v1/groups/{WORDS}?page={WORDS}")
    await alice.deletes(message)
    for query in (f"ticket={ticket}x", f"ticket={WORDS}", f"lastEventId={WORDS}&ticket={ticket}"):
        async with http.get(f"/v1/sse/poll?{query}&timeout=0") as answer:
            assert answer.status in (200, 401, 422)
    for name in stack.services:
        headers = {"Authorization": f"Bearer {FORGED}", "traceparent": WORDS}
        async with http.get(f"{stack.url_of(name)}/v1/{WORDS}", headers=headers) as answer:
            assert answer.status in (401, 404)
    await stack.settled()
    said = logged(stack)
    assert said
    tokens = [person.headers["Authorization"].removeprefix("Bearer ") for person in (alice, bob)]
    for secret in (WORDS, FORGED, ticket, *tokens):
        assert secret not in said
