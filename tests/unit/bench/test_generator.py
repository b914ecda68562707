"""The load generator notices what a server does wrong: a gate that finds nothing proves nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from bench.building import build
from bench.gate import Run, faults
from bench.generator import MARK, Sender, Stream, generating
from launcher.progress import Progress

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
DONE = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
READERS, MESSAGES = 3, 20
# What a server sends of the frames of a message, by its number; None: it closes the stream.
Mischief = Callable[[int, bytes], Sequence[bytes] | None]


def frame(number: int, body: bytes) -> bytes:
    return b"id: e1-%d\nevent: notification\ndata: %b\n\n" % (number, body)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


@asynccontextmanager
async def a_server(mischief: Mischief) -> AsyncIterator[int]:
    """Sends what is posted to all streams; to the first one as `mischief` says."""
    streams: list[asyncio.StreamWriter] = []
    number = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal number
        while head := await reader.readuntil(b"\r\n\r\n"):
            if head.startswith(b"GET"):
                writer.write(HEAD + chunk(b"id: e1-0\nevent: connected\ndata: {}\n\n"))
                streams.append(writer)
                continue
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            body, number = await reader.readexactly(length), number + 1
            for place, stream in enumerate(streams):
                frames = mischief(number, body) if place == 0 else [frame(number, body)]
                if frames is None:
                    stream.close()
                for one in frames or ():
                    stream.write(chunk(one))
            writer.write(DONE)

    async def quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(quietly, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def run_against(mischief: Mischief, runs: int = 1) -> Run:
    """The last of so many runs on the same streams."""
    programs = await build(Progress(quiet=True))
    body = f'{{"content":"{MARK}"}}'
    post = f"POST /pub HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    async with a_server(mischief) as port, generating(programs, "test", None) as generator:
        reader = Stream(port, [("GET /sub HTTP/1.1\r\n\r\n", "\r\n\r\n")])
        await generator.define([reader] * READERS, [Sender(post)])
        await generator.pool(port)
        # One after the other: the first is the one that is wronged.
        opened = await generator.open(0, READERS, 1)
        assert (opened.opened, opened.failed) == (READERS, 0)
        found = [await generator.paced(100.0, MESSAGES / 100.0, 0.5) for _ in range(runs)]
        return found[-1]


async def test_an_honest_server_passes() -> None:
    run = await run_against(lambda number, body: [frame(number, body)])
    assert faults(run) == []
    assert (run.accepted, run.received) == (MESSAGES, MESSAGES * READERS)
    assert run.frames.total == MESSAGES * READERS


async def test_a_frame_that_one_reader_lacks_is_lost_and_leaves_a_gap() -> None:
    run = await run_against(lambda number, body: [] if number == 5 else [frame(number, body)])
    assert (run.lost, run.gaps) == (1, 1)


async def test_a_frame_that_comes_twice_is_doubled() -> None:
    run = await run_against(lambda number, body: [frame(number, body)] * (1 + (number == 5)))
    assert (run.doubled, run.lost) == (1, 0)


async def test_two_frames_that_change_places_are_noticed() -> None:
    held: list[bytes] = []

    def swap(number: int, body: bytes) -> Sequence[bytes]:
        if number == 5:
            held.append(frame(number, body))
            return []
        return [frame(number, body), *held] if number == 6 else [frame(number, body)]

    run = await run_against(swap)
    assert run.lost == 0
    assert run.gaps > 0
    assert run.disagreeing > 0


async def test_frames_are_read_whole_however_they_are_cut() -> None:
    def cut(number: int, body: bytes) -> Sequence[bytes]:
        whole = frame(number, body)
        # In the middle of the mark.
        middle = whole.index(b"~") + 12
        return [whole[:3], whole[3:middle], whole[middle:]]

    assert faults(await run_against(cut)) == []


async def test_a_stream_that_ended_is_missed_in_every_later_run() -> None:
    def close_once(number: int, body: bytes) -> Sequence[bytes] | None:
        if number == 5:
            return None
        return [frame(number, body)] if number < 5 else []

    run = await run_against(close_once, runs=2)
    assert run.closed == 1
    assert faults(run) == ["1 streams closed"]
