"""Bodies that nobody asked for."""

from aiohttp import web

from shared.web.bodies import received
from shared.web.contract import operation_of
from shared.web.problems import Handler


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
