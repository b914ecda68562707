"""Somebody answers, and knows us."""

import asyncio

import aiohttp
from circles_client import CirclesError, Problem, Unreachable
from circles_client.errors import words_of

from command_line.doctor import remedies
from command_line.doctor.findings import Finding, failed, ok
from command_line.doctor.scene import OPEN_SECONDS, Scene

NAME = "reachable"


async def check(scene: Scene) -> Finding:
    try:
        status = await scene.repeated(lambda: _health(scene))
    except Unreachable as error:
        return failed(f"nobody answers at {scene.url}: {error}", ["Start it, or name another URL."])
    people = [scene.listener, *([scene.speaker] if scene.speaker else [])]
    for number, person in enumerate(people, start=1):
        try:
            await scene.repeated(person.circles.unread_count)
        except Problem as problem:
            if problem.code == "token_missing":
                return failed("the header Authorization is taken out", remedies.AUTHORIZATION)
            return failed(f"token {number} is not accepted: {problem}", _advice(problem))
        except CirclesError as error:
            return failed(str(error))
    tokens = "2 tokens are" if len(people) > 1 else "1 token is"
    return ok(f"/healthz says {status}; {tokens} accepted")


async def _health(scene: Scene) -> int:
    try:
        async with (
            asyncio.timeout(OPEN_SECONDS),
            scene.http.get(f"{scene.url}/healthz") as answer,
        ):
            return answer.status
    except TimeoutError:
        raise Unreachable(f"no answer within {OPEN_SECONDS:g} s") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise Unreachable(words_of(error)) from error


def _advice(problem: Problem) -> list[str]:
    if problem.status == 401:
        return [
            "Give tokens of the issuer that this Circles trusts (TOKEN_ISSUER, TOKEN_AUDIENCE)."
        ]
    return []
