"""Pages that use the browser client, each in a Node.js process; a proxy that holds streams back."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from launcher.paths import ROOT
from launcher.ports import free_port
from tests.fixtures.waiting import eventually
from tests.scenarios.people import Json, User

WEB = ROOT / "tests" / "web"
_LONGEST_LINE = 1 << 20


class Page:
    """What a page's listeners heard, in order."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.heard: list[tuple[str, Any]] = []

    def of(self, what: str) -> list[Any]:
        return [value for name, value in self.heard if name == what]

    @property
    def notifications(self) -> list[Json]:
        return self.of("notification")

    async def hears(self, what: str, value: object, seconds: float = 30.0) -> None:
        """Return once `value` is the last that was heard of `what`."""

        async def heard() -> bool:
            return self.of(what)[-1:] == [value]

        await self._until(heard, f"{what} {value}", seconds)

    async def has_all_of(self, user: User) -> None:
        """Return once everything in the user's mailbox came; it came once, and in order."""
        inbox = await user.whole_inbox()

        async def complete() -> bool:
            return len(self.notifications) >= len(inbox)

        await self._until(complete, f"{len(inbox)} notifications", 30.0)
        assert _ids(self.notifications) == _ids(inbox)

    async def told_times(self, count: int) -> None:
        async def told() -> bool:
            return len(self.notifications) >= count

        await self._until(told, f"{count} notifications", 30.0)

    def reload(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(b"reload\n")

    async def run(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.heard.append(tuple(json.loads(line)))

    async def _until(self, condition: Any, what: str, seconds: float) -> None:
        try:
            await eventually(condition, seconds)
        except TimeoutError:
            raise AssertionError(f"never came to {what}; last: {self.heard[-5:]}") from None


def _ids(notifications: list[Json]) -> list[str]:
    return [each["eventId"] for each in notifications]


@asynccontextmanager
async def following(
    node: str, url: str, tokens: list[str], **options: object
) -> AsyncIterator[Page]:
    """A page that follows the mailbox of who has these tokens, used one after the other."""
    told = json.dumps({"url": url, "tokens": tokens, **options})
    async with _running(node, str(WEB / "follow.js"), told) as page:
        yield page


@asynccontextmanager
async def showing(node: str, example: Path, url: str, token: str) -> AsyncIterator[Page]:
    """A page with the script `example` in it, served by the gateway at `url`."""
    async with _running(node, str(WEB / "page.js"), str(example), url, token) as page:
        yield page


@asynccontextmanager
async def _running(*command: str) -> AsyncIterator[Page]:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
    )
    page = Page(process)
    running = asyncio.create_task(page.run())
    try:
        yield page
        assert process.stdin is not None
        process.stdin.close()
        async with asyncio.timeout(10):
            assert await process.wait() == 0, "the page ended with an error"
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        await running


class BufferingProxy:
    """Passes calls on, and holds back what streams say for as long as it `buffers`, as some do."""

    def __init__(self, target: str) -> None:
        self._target = target
        self.buffers = True

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Yields its address."""
        port = free_port()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._pass)
        timeout = aiohttp.ClientTimeout(total=None)
        async with aiohttp.ClientSession(self._target, timeout=timeout) as self._http:
            runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
            await runner.setup()
            try:
                await web.TCPSite(runner, "127.0.0.1", port).start()
                yield f"http://127.0.0.1:{port}"
            finally:
                await runner.cleanup()

    async def _pass(self, request: web.Request) -> web.StreamResponse:
        headers = {k: v for k, v in request.headers.items() if k.lower() != "host"}
        call = self._http.request(
            request.method, request.path_qs, headers=headers, data=await request.read()
        )
        async with call as answer:
            response = web.StreamResponse(status=answer.status)
            response.content_type = answer.content_type
            if answer.content_type == "text/event-stream" and self.buffers:
                await asyncio.Event().wait()
            await response.prepare(request)
            async for chunk in answer.content.iter_any():
                await response.write(chunk)
            return response
