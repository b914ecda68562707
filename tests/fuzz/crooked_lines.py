"""The lines of which crooked requests are made."""

# fmt: off
# Header lines that say how long a body is, without and with doubt.
LENGTHS = (
    "Content-Length: {n}", "content-length:{n}", "Content-Length: +{n}", "Content-Length: 0{n}",
    "Content-Length: {n} ", "Content-Length : {n}", "Content-Length: {n}, {n}", "Content-Length:",
    "Content-Length: 0x{n}", "Content-Length: {n}.0", "Content-Length: -1", "Content-Length: {n};",
    "Content-Length: 99999999999999999999", "Content-Length: {n}\r\nContent-Length: {n}",
    "Content-Length: {n}\r\nContent-Length: 0", "Content-Length: 0\r\nContent-Length: {n}",
    "Content-Length: {n}, 0", "Content_Length: {n}", "Content-Length\t: {n}",
    "Content-Length: {n}\x0b", "X: y\nContent-Length: {n}", "X: y\rContent-Length: {n}",
    " Content-Length: {n}", "", "Content-Length: {n}\x00", "Content-Length: \x85{n}",
    "Content-Length:\r\n {n}",
)
CODINGS = (
    "Transfer-Encoding: chunked", "transfer-encoding:chunked", "Transfer-Encoding: CHUNKED",
    "Transfer-Encoding : chunked", "Transfer-Encoding\t: chunked", "Transfer-Encoding: xchunked",
    "Transfer-Encoding: chunked, identity", "Transfer-Encoding: identity, chunked",
    "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: chunked, chunked",
    "Transfer-Encoding: identity", 'Transfer-Encoding: "chunked"', "Transfer-Encoding: chunked;q=1",
    "Transfer-Encoding:\r\n chunked", "Transfer-Encoding:\x0bchunked",
    "Transfer-Encoding: chunked\x00", "Transfer-Encoding: chunked\r\nTransfer-Encoding: x",
    "Transfer-Encoding: x\r\nTransfer-Encoding: chunked", "X: y\nTransfer-Encoding: chunked",
    "X: y\rTransfer-Encoding: chunked", "Transfer_Encoding: chunked",
    "Transfer-Encoding: chunked  ", " Transfer-Encoding: chunked", "TE: chunked", "",
    "Transfer-Encoding: \x0cchunked", "Transfer-Encoding: chun\u212aed", "Transfer-Encoding:",
    "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked", "Trailer: Content-Length",
    "Connection: Content-Length\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\t",
)
INSIDE = (
    b"/internal/v1/groups/%g", b"/metrics", b"/readyz", b"/openapi.json",
    b"/internal/v1/users/%v/disconnect",
)
# How a way in there might look to whoever looks at paths only.
DISGUISES = (
    b"%p", b"/.%p", b"/./%p", b"//%p", b"/%p", b"/v1/groups/../..%p", b"/v1/groups/..%2f..%p",
    b"/v1/groups/%2e%2e/%2e%2e%p", b"/v1/groups/..;/..;%p", b"/v1/groups/..\\..%p",
    b"/v1/groups/.%00./..%p", b"/v1/groups%00%p", b"/v1/groups%0d%0a%p", b"/v1/groups/%252e%252e%p",
    b"/v1/groups/\xc0\xae\xc0\xae%p", b"/v1/conversations/../..%p", b"/v1/sse/../..%p",
    b"/v1/presence/..%2f..%p", b"/v1/notifications/%2e%2e%2f%2e%2e%p", b"/client/..%p",
    b"/app/..%p", b"http://127.0.0.1%p", b"http://notifier:8000%p",
    b"http://localhost/v1/groups/../..%p", b"https://circles%p", b"ftp://circles%p", b"circles%p",
    b"*%p", b"/v1/groups?/../..%p", b"/v1/groups/..%5c..%p", b"/v1/groups/\t..%p", b"/v1/groups#%p",
    b"/V1/GROUPS/../..%p",
)
OVERRIDES = (
    "X-HTTP-Method-Override: {m}", "X-HTTP-Method: {m}", "X-Method-Override: {m}", "Method: {m}",
    "X-Original-Method: {m}", "X-Forwarded-Method: {m}",
)
REWRITES = (
    "X-Original-URL: {p}", "X-Rewrite-URL: {p}", "X-Forwarded-Uri: {p}", "X-Forwarded-Prefix: {p}",
    "X-Forwarded-Path: {p}", "X-Accel-Redirect: {p}", "Forwarded: for=127.0.0.1;host=notifier",
    "X-Forwarded-Host: notifier:8000", "Host: notifier:8000", "X-Real-IP: 127.0.0.1",
    "Connection: Authorization", "Connection: Host, X-Forwarded-For", "Upgrade: h2c",
    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIA",
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13",
    "Expect: 100-continue", "Expect: 200-ok", "Range: bytes=0-", "Max-Forwards: 0",
)
LINES = (
    b"POST /v1/groups", b"POST  /v1/groups HTTP/1.1", b"POST\t/v1/groups\tHTTP/1.1",
    b"POST /v1/groups HTTP/1.1 ", b" POST /v1/groups HTTP/1.1", b"POST /v1/groups HTTP/1.2",
    b"POST /v1/groups HTTP/9.9", b"POST /v1/groups HTTP/2.0", b"POST /v1/groups http/1.1",
    b"post /v1/groups HTTP/1.1", b"POST\0 /v1/groups HTTP/1.1", b"POST /v1/gro\0ups HTTP/1.1",
    b"POST /v1/gro ups HTTP/1.1", b"POST /v1/gro\nups HTTP/1.1",
    b"\r\n\r\nPOST /v1/groups HTTP/1.1",
    b"CONNECT 127.0.0.1:80 HTTP/1.1", b"CONNECT notifier:8000 HTTP/1.1", b"OPTIONS * HTTP/1.1",
    b"TRACE /v1/groups HTTP/1.1", b"PRI * HTTP/2.0", b"BREW /v1/groups HTTP/1.1", b"", b"\0",
    b"POST /v1/groups?" + b"a" * 40_000 + b" HTTP/1.1", b"X" * 5_000 + b" / HTTP/1.1",
    b"GET /v1/groups HTTP/1.1", b"DELETE /v1/groups HTTP/1.1", b"HEAD /v1/groups HTTP/1.1",
)
# fmt: on
HEADERS = {
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
}
