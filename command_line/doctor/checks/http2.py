"""How many streams a browser can hold: six in all over HTTP/1.1, many over HTTP/2."""

import asyncio
import ssl

from yarl import URL

from command_line.doctor import remedies
from command_line.doctor.findings import Finding, advice, ok
from command_line.doctor.scene import OPEN_SECONDS, Scene

NAME = "HTTP/2"


async def check(scene: Scene) -> Finding:
    url = URL(scene.url)
    if url.scheme != "https":
        return advice(
            "plain HTTP/1.1: a browser opens six connections to one address, and each tab's stream "
            "takes one. Share one stream among tabs, or speak TLS with HTTP/2 in production",
            remedies.HTTP2,
        )
    context = ssl.create_default_context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    try:
        async with asyncio.timeout(OPEN_SECONDS):
            _, writer = await asyncio.open_connection(url.host, url.port, ssl=context)
    except (OSError, ssl.SSLError) as error:
        return advice(f"whether HTTP/2 is spoken was not seen: {error}")
    connection: ssl.SSLObject = writer.get_extra_info("ssl_object")
    chosen = connection.selected_alpn_protocol()
    writer.close()
    if chosen == "h2":
        return ok("spoken: tabs don't compete for six connections")
    return advice(
        "not offered: a browser opens six connections to one address, and each tab's stream takes "
        "one",
        remedies.HTTP2,
    )
