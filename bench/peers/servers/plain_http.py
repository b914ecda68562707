"""What answering a POST costs: read the JSON, answer with JSON. Nothing is kept, nobody is told."""

import asyncio
import sys

import uvloop
from aiohttp import web


async def post(request: web.Request) -> web.Response:
    said = await request.json()
    return web.json_response({"type": said["type"], "createdAt": said["createdAt"]}, status=201)


async def serve(port: int) -> None:
    app = web.Application()
    app.router.add_post("/pub", post)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=4096).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
