"""Bodies that nobody asked for."""

from contextlib import suppress
from http import HTTPStatus

from aiohttp import web

from shared.web.bodies import received
from shared.web.contract import operation_of
from shared.web.problems import Handler, HttpProblem


@web.middleware
async def receive_first(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Nothing is done before the whole of a body is there, also where the door needs none.

    A gateway passes a request on while its body still comes, and refuses it when that turns out too
    long or broken: the caller would be told so of a call that had been carried out already.
    """
    operation = operation_of(request.match_info.route)
    # Other doors receive it themselves, once they know that they can read it.
    if request.body_exists and (operation is None or operation.body is None):
        await received(request)
    return await handler(request)


@web.middleware
async def answer_last(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Nothing is answered while a body still comes, also when it is refused unread.

    Go's server, and so the gateway, stops reading a body when its answer is there. Which of two
    goroutines wakes first then decides whether the connection ends, or is read from for as long as
    the client likes (net/http: abortPendingRead and body.Close; seen in 1 of 50 slow bodies).
    """
    response = await handler(request)
    was_slow = response.status == HTTPStatus.REQUEST_TIMEOUT
    if not (request.content.at_eof() or response.prepared or was_slow):
        # Whatever is wrong with it, there is an answer already.
        with suppress(HttpProblem, web.HTTPRequestEntityTooLarge):
            await received(request)
    return response
