"""Documents that may be long: written as they are read, so that nobody holds all of them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress

from aiohttp import web
from pydantic_core import to_json

Rows = AsyncIterator[Sequence[Mapping[str, object]]]


async def write_document(
    request: web.Request, fields: Mapping[str, object], lists: Mapping[str, Rows]
) -> web.StreamResponse:
    """Answer with one JSON object: `fields`, then each of `lists`, whose rows come in portions."""
    response = web.StreamResponse(
        headers={"Content-Type": "application/json", "Cache-Control": "no-store"}
    )
    # Whoever asked may leave before the end.
    with suppress(ConnectionResetError):
        await response.prepare(request)
        # Without its last brace. There is always a field, and a comma before what follows.
        await response.write(to_json(dict(fields))[:-1])
        for name, portions in lists.items():
            await response.write(b",%b:[" % to_json(name))
            separator = b""
            async for rows in portions:
                if rows:
                    await response.write(separator + b",".join(to_json(dict(row)) for row in rows))
                    separator = b","
            await response.write(b"]")
        await response.write(b"}")
        await response.write_eof()
    return response
