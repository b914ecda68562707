"""A token is there when it is needed, and nobody loops with one that is refused."""

import asyncio
import base64
import json
import time

import pytest
from circles_client.errors import Problem, TokenRefused, Unreachable
from circles_client.tokens import Tokens

REFUSED = Problem(401, "token_invalid", "Sign in again.")


def made(number: int, life: float) -> str:
    claims = json.dumps({"jti": number, "exp": time.time() + life}).encode()
    return f"x.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.y"


class Issuer:
    """Gives tokens that live so many seconds, one after the other."""

    def __init__(self, *lives: float) -> None:
        self.tokens = [made(number, life) for number, life in enumerate(lives)]
        self.asked = 0
        self.failure: Exception | None = None

    async def __call__(self) -> str:
        self.asked += 1
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure
        return self.tokens[min(self.asked, len(self.tokens)) - 1]


async def test_a_token_is_asked_for_once_by_however_many_calls() -> None:
    issuer = Issuer(3600)
    tokens = Tokens(issuer)
    got = await asyncio.gather(*(tokens.current() for _ in range(5)))
    assert set(got) == {issuer.tokens[0]}
    assert issuer.asked == 1


async def test_a_token_is_renewed_before_it_ends() -> None:
    issuer = Issuer(0.2, 3600)
    tokens = Tokens(issuer)
    assert await tokens.current() == issuer.tokens[0]
    left = tokens.seconds_left()
    assert 0 < left < 0.2
    await asyncio.sleep(left + 0.001)
    assert await tokens.current() == issuer.tokens[1]


async def test_a_token_in_use_stays_so_while_the_issuer_is_away() -> None:
    issuer = Issuer(0.2)
    tokens = Tokens(issuer)
    await tokens.current()
    issuer.failure = OSError("away")
    await asyncio.sleep(tokens.seconds_left() + 0.001)
    assert await tokens.current() == issuer.tokens[0]
    assert tokens.seconds_left() > 1


async def test_an_issuer_that_gives_the_same_again_is_not_asked_at_every_call() -> None:
    issuer = Issuer(0.2, 3600)
    issuer.tokens[1] = issuer.tokens[0]
    tokens = Tokens(issuer)
    await tokens.current()
    await asyncio.sleep(tokens.seconds_left() + 0.001)
    for _ in range(10):
        await tokens.current()
    assert issuer.asked == 2


async def test_a_clock_that_is_wrong_does_not_ask_at_every_call() -> None:
    issuer = Issuer(-600)
    tokens = Tokens(issuer)
    for _ in range(5):
        await tokens.current()
    assert issuer.asked == 1


async def test_a_fixed_token_that_is_refused_is_the_end() -> None:
    tokens = Tokens("opaque")
    assert await tokens.current() == "opaque"
    assert tokens.seconds_left() == float("inf")
    with pytest.raises(TokenRefused, match="Sign in again"):
        await tokens.replace("opaque", REFUSED)


async def test_a_refused_token_is_replaced_once_for_all_who_used_it() -> None:
    issuer = Issuer(3600, 3600)
    tokens = Tokens(issuer)
    first = await tokens.current()
    await asyncio.gather(*(tokens.replace(first, REFUSED) for _ in range(4)))
    assert issuer.asked == 2
    assert await tokens.current() == issuer.tokens[1]


async def test_an_issuer_that_knows_no_other_token_is_the_end() -> None:
    issuer = Issuer(3600)
    tokens = Tokens(issuer)
    with pytest.raises(TokenRefused):
        await tokens.replace(await tokens.current(), REFUSED)


async def test_an_issuer_that_is_away_may_come_back() -> None:
    issuer = Issuer(3600)
    issuer.failure = OSError("no route")
    with pytest.raises(Unreachable, match="no route"):
        await Tokens(issuer).current()
