"""The event stream format: bytes in whatever pieces they come, into events. No I/O.

https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event. `cursor` is the last `id:` seen, on this event or before."""

    name: str
    data: str
    cursor: str


class EventStreamParser:
    """`retry_ms` is what the server asked for last, or None."""

    def __init__(self) -> None:
        self.retry_ms: int | None = None
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._line: list[str] = []
        self._after_cr = False
        self._is_first = True
        self._name = ""
        self._data: list[str] = []
        self._cursor = ""

    def feed(self, chunk: bytes) -> Iterator[ServerEvent]:
        """The events that are complete with this chunk. Iterate to the end before the next."""
        text = self._decoder.decode(chunk)
        if self._is_first and text:
            text = text.removeprefix("\ufeff")
            self._is_first = False
        if self._after_cr and text:
            # The other half of a CRLF that was cut in two.
            text = text.removeprefix("\n")
            self._after_cr = False
        self._after_cr = self._after_cr or text.endswith("\r")
        *lines, rest = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for line in lines:
            self._line.append(line)
            whole = "".join(self._line)
            self._line = []
            if event := self._interpret(whole):
                yield event
        if rest:
            # In pieces: a long line that comes bit by bit is put together once.
            self._line.append(rest)

    def _interpret(self, line: str) -> ServerEvent | None:
        if not line:
            return self._dispatch()
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            self._name = value
        elif field == "data":
            self._data.append(value)
        elif field == "id" and "\0" not in value:
            self._cursor = value
        elif field == "retry" and value.isascii() and value.isdigit():
            self.retry_ms = int(value)
        return None

    def _dispatch(self) -> ServerEvent | None:
        data, self._data = self._data, []
        name, self._name = self._name, ""
        if not data:
            return None
        return ServerEvent(name or "message", "\n".join(data), self._cursor)
