"""Tornado: streams on GET, and each POST's body to all of them."""

import asyncio
import sys

import tornado.httpserver
import tornado.netutil
import tornado.web
import uvloop

streams: set["Subscribe"] = set()
number = 0


class Subscribe(tornado.web.RequestHandler):
    async def get(self) -> None:
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-cache")
        await self.flush()
        streams.add(self)
        self.ended = asyncio.Event()
        await self.ended.wait()

    def on_connection_close(self) -> None:
        streams.discard(self)
        self.ended.set()


class Publish(tornado.web.RequestHandler):
    def post(self) -> None:
        global number
        for data in self.request.body.split(b"\n"):
            number += 1
            frame = b"id: %d\nevent: notification\ndata: %b\n\n" % (number, data)
            for stream in streams:
                stream.write(frame)
                # Not awaited, as our hub does not wait for a reader either.
                stream.flush()
        self.set_status(202)


async def main() -> None:
    app = tornado.web.Application([("/sub", Subscribe), ("/pub", Publish)], log_function=print_none)
    server = tornado.httpserver.HTTPServer(app)
    server.add_sockets(tornado.netutil.bind_sockets(int(sys.argv[1]), "127.0.0.1", backlog=4096))
    await asyncio.Event().wait()


def print_none(_: tornado.web.RequestHandler) -> None:
    """No access log, as nobody here writes one."""


uvloop.run(main())
