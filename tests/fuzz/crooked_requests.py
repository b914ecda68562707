"""Requests that two readers could read differently, or that want in by another door.

Each attack makes a group named `outer-<mark>` where it is read as one request, and one named
`inner-<mark>` where a part of its body is taken for another request.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

from tests.fuzz.crooked_lines import (
    CODINGS,
    DISGUISES,
    HEADERS,
    INSIDE,
    LENGTHS,
    LINES,
    OVERRIDES,
    REWRITES,
)


@dataclass(frozen=True)
class Attack:
    """`payload` as it goes over the wire; `aims_inside` if its target is an internal door, for
    which it has a token that such a door takes."""

    name: str
    mark: str
    payload: bytes
    aims_inside: bool = False


@dataclass
class Scene:
    """`token` lets into public doors, `service_token` into internal ones, for a minute: who makes
    attacks one by one, and renews it meanwhile, has none that is too old to get in anywhere."""

    host: str
    token: str
    service_token: str
    group_id: str
    victim_id: str


MAKES_A_GROUP = b"POST /v1/groups HTTP/1.1"
# How many bodies `smuggling` knows.
FORMS = 12


def new_mark() -> str:
    return uuid4().hex[:12]


def group_request(scene: Scene, name: str) -> bytes:
    """A request like any other, that makes a group."""
    body = b'{"name": "%b"}' % name.encode()
    return head(scene, MAKES_A_GROUP, f"Content-Length: {len(body)}") + body


def head(scene: Scene, line: bytes, *headers: str, token: str = "") -> bytes:
    lines = (
        f"Host: {scene.host}",
        f"Authorization: Bearer {token or scene.token}",
        "Content-Type: application/json",
        *(each for each in headers if each),
    )
    return b"\r\n".join([line, *(each.encode() for each in lines)]) + b"\r\n\r\n"


def smuggling(scene: Scene, lengths: str, coding: str, form: int) -> Attack:
    """One body, whose length two headers may tell differently, with another request in it."""
    mark = new_mark()
    inner = group_request(scene, f"inner-{mark}")
    outer = b'{"name": "outer-%b"}' % mark.encode()
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(outer), outer)
    body = (
        outer,
        chunked,
        outer + inner,
        chunked + inner,
        b"0\r\n\r\n" + inner,
        b"%x;ext=\n\r\n%b\r\n0\r\n\r\n" % (len(outer), outer) + inner,
        b"%x\n%b\n0\n\n" % (len(outer), outer) + inner,
        b"%x\r\n%b\r\n0\r\nContent-Length: 5\r\n\r\n" % (len(outer), outer) + inner,
        b"0%x\r\n%b\r\n00\r\n\r\n" % (len(outer), outer) + inner,
        b"%x\r\n%bXX0\r\n\r\n" % (len(outer), outer) + inner,
        b"1\r\n{\r\n-1\r\n" + inner,
        b"ffffffffffffffff1\r\n" + inner,
    )[form]
    said = (len(outer), len(chunked), len(body), 0, 4)[form % 5]
    payload = head(scene, MAKES_A_GROUP, lengths.format(n=said), coding) + body
    return Attack(f"{lengths!r} with {coding!r}, body {form}", mark, payload)


def disguised(scene: Scene, method: bytes, path: bytes, disguise: bytes) -> Attack:
    """A way to an internal door."""
    target = path.replace(b"%g", scene.group_id.encode()).replace(b"%v", scene.victim_id.encode())
    line = b"%b %b HTTP/1.1" % (method, disguise.replace(b"%p", target))
    payload = head(scene, line, "Content-Length: 0", token=scene.service_token)
    return Attack(f"{line!r}", new_mark(), payload, aims_inside=True)


def rewritten(scene: Scene, header: str) -> Attack:
    """A harmless call, with a header that asks to take it for another."""
    inside = f"/internal/v1/users/{scene.victim_id}/disconnect"
    said = header.format(p=inside, m="DELETE")
    line = b"GET /v1/groups/%b HTTP/1.1" % scene.group_id.encode()
    return Attack(f"{header!r}", new_mark(), head(scene, line, said))


def odd_lines(scene: Scene) -> Iterator[Attack]:
    """Request lines and headers that are none."""
    for line in LINES:
        yield _odd(scene, f"line {line[:40]!r}", line)
        mark = new_mark()
        payload = head(scene, line, "Content-Length: 0") + group_request(scene, f"inner-{mark}")
        yield Attack(f"line {line[:40]!r}, and more", mark, payload)
    for name, header in HEADERS.items():
        yield _odd(scene, f"header with {name}", MAKES_A_GROUP, header)


def _odd(scene: Scene, name: str, line: bytes, *headers: str) -> Attack:
    mark = new_mark()
    body = b'{"name": "outer-%b"}' % mark.encode()
    return Attack(name, mark, head(scene, line, f"Content-Length: {len(body)}", *headers) + body)


def other_protocols(scene: Scene) -> Iterator[Attack]:
    """What is no request of HTTP/1.1 at all."""
    mark = new_mark()
    plain, inner = group_request(scene, f"outer-{mark}"), group_request(scene, f"inner-{mark}")
    for name, payload in {
        "no host": b"GET /v1/groups HTTP/1.1\r\nAuthorization: Bearer x\r\n\r\n",
        "HTTP/0.9": b"GET /v1/groups\r\n\r\n",
        "only line feeds": plain.replace(b"\r\n", b"\n"),
        "only carriage returns": plain.replace(b"\r\n", b"\r"),
        "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
        "HTTP/2 at once": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9) + inner,
        "PROXY": b"PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n" + plain,
    }.items():
        yield Attack(name, mark, payload)


def every_one(scene: Scene) -> Iterator[Attack]:
    """Each kind once; the length of a body with each of its codings."""
    for number, lengths in enumerate(LENGTHS):
        for coding in CODINGS:
            yield smuggling(scene, lengths, coding, (number + len(coding)) % FORMS)
    for path in INSIDE:
        for disguise in DISGUISES:
            yield disguised(scene, b"POST" if b"users" in path else b"GET", path, disguise)
    for header in (*OVERRIDES, *REWRITES):
        yield rewritten(scene, header)
    yield from odd_lines(scene)
    yield from other_protocols(scene)


def made_up(scene: Scene, rng: random.Random) -> Attack:
    """One of all of them, by chance."""
    match rng.randrange(8):
        case 0 | 1 | 2 | 3:
            lengths, coding = rng.choice(LENGTHS), rng.choice(CODINGS)
            return smuggling(scene, lengths, coding, rng.randrange(FORMS))
        case 4 | 5:
            methods = [b"GET", b"PUT", b"POST", b"HEAD", b"DELETE"]
            return disguised(scene, rng.choice(methods), rng.choice(INSIDE), rng.choice(DISGUISES))
        case 6:
            return rewritten(scene, rng.choice([*OVERRIDES, *REWRITES]))
        case _:
            attack = rng.choice([*odd_lines(scene), *other_protocols(scene)])
            if rng.random() < 0.5:
                return attack
            spoilt = bytearray(attack.payload[:4000])
            for _ in range(rng.randint(1, 4)):
                spoilt[rng.randrange(len(spoilt))] = rng.choice(b"\0\t\n\r :;,/.%-0a\x80\xff")
            return Attack(f"{attack.name}, spoilt", attack.mark, bytes(spoilt))
