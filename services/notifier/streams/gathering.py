"""Asking together: what waits while a statement runs shares the next one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Gathering(Generic[Asked, Answer]):
    """Turns single questions into batches, without a timer: alone, a question is asked at once;
    a herd costs a few statements, and whoever is in it waits in line instead of for a connection.

    `answer` gets up to `together` questions and gives their answers in the same order; up to
    `at_once` calls of it run at a time.
    """

    def __init__(
        self,
        answer: Callable[[Sequence[Asked]], Awaitable[Sequence[Answer]]],
        *,
        together: int,
        at_once: int,
    ) -> None:
        self._answer = answer
        self._together = together
        self._at_once = at_once
        self._waiting: list[tuple[Asked, asyncio.Future[Answer]]] = []
        self._workers: set[asyncio.Task[None]] = set()

    async def ask(self, asked: Asked) -> Answer:
        """The answer to `asked`. Raises what `answer` raises."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, future))
        if len(self._workers) < self._at_once:
            # Of no caller's context: its work is for many, and its trace and logs are nobody's.
            worker = asyncio.create_task(self._work(), context=Context())
            self._workers.add(worker)
        return await future

    async def _work(self) -> None:
        try:
            await self._answer_all()
        finally:
            # At once, not by a callback of the task: who asks between its last look at what waits
            # and the callback would wait for a worker that has gone home.
            self._workers.discard(asyncio.current_task())

    async def _answer_all(self) -> None:
        while self._waiting:
            batch = self._waiting[: self._together]
            del self._waiting[: self._together]
            # Who left meanwhile needs no answer.
            batch = [(asked, future) for asked, future in batch if not future.done()]
            if not batch:
                continue
            try:
                answers = await self._answer([asked for asked, _ in batch])
            except Exception as error:
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
                continue
            for (_, future), answer in zip(batch, answers, strict=True):
                if not future.done():
                    future.set_result(answer)
