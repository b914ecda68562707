"""Messages: sending, reading the history, deleting."""

from collections.abc import Callable

from aiohttp import web

from services.chat.actions import look_up
from services.chat.actions.delete_message import delete_message
from services.chat.api.answers import message_json
from services.chat.api.bodies import MessageBody
from services.chat.api.context import (
    GROUP_COPY,
    GROUP_ID,
    MESSAGE_ID,
    NOTIFIER,
    OUTBOX,
    POSTING,
    caller,
    group_id,
    message_id,
    named_caller,
)
from services.chat.api.shapes import HistoryPage, Message
from services.chat.api.shapes import Slice as SliceAnswer
from services.chat.domain.history import Slice, Span
from services.chat.errors import (
    ClientMessageIdReused,
    GroupNotFound,
    GroupsAway,
    MessageNotFound,
    NotYoursToDelete,
    OnlyAdminsPost,
    SystemMessageStays,
)
from shared.web.app import DATABASE
from shared.web.bodies import read_body
from shared.web.contract import number_in_query, operation
from shared.web.json import json_response
from shared.web.pages import DEFAULT_LIMIT, MAX_LIMIT, PAGING, Query, page_of
from shared.web.shapes import Said

# Integers that every JSON reader keeps exact.
MAX_SEQ = 2**53
BEFORE = number_in_query("before", "Those before this `seq`; not with `page`.", 1, MAX_SEQ)
AFTER = number_in_query("after", "Those after this `seq`; not with `page`.", 0, MAX_SEQ)


@operation(
    {201: Message, 200: Message},
    parameters=[GROUP_ID],
    body=MessageBody,
    refusals=[OnlyAdminsPost, GroupNotFound, ClientMessageIdReused, GroupsAway],
)
async def post(request: web.Request) -> web.Response:
    """Send a message.

    201 with the message, or 200 with the one that was sent before with this `clientMessageId`.
    For members; where `onlyAdminsCanMessage` is true, for admins.
    """
    group = group_id(request)
    draft = (await read_body(request, MessageBody)).draft()
    app, author = request.app, named_caller(request)
    posted = await app[GROUP_COPY].consulted(
        author[0], lambda: app[POSTING].post(group, author, draft)
    )
    return json_response(message_json(posted.message), 201 if posted.is_new else 200)


@operation(
    {200: HistoryPage | SliceAnswer},
    parameters=[GROUP_ID, *PAGING, BEFORE, AFTER],
    refusals=[GroupNotFound, GroupsAway],
)
async def history(request: web.Request) -> web.Response:
    """Read the history.

    Page 1 is the newest, oldest message first; or a slice before or after a place.
    """
    if "before" in request.query or "after" in request.query:
        return await _around(request)
    page = page_of(request)
    messages, span = await _slice(request, lambda span: Slice.of_page(span, page.page, page.limit))
    return json_response(page.of("messages", messages, span.total))


async def _around(request: web.Request) -> web.Response:
    query = Query(request)
    before = query.optional_integer("before", 1, MAX_SEQ)
    after = query.optional_integer("after", 0, MAX_SEQ)
    limit = query.integer("limit", DEFAULT_LIMIT, 1, MAX_LIMIT)
    if "before" in request.query and "after" in request.query:
        query.refuse("after", "can't be combined with `before`")
    if "page" in request.query:
        query.refuse("page", "can't be combined with `before` or `after`")
    query.check()
    if before is not None:
        messages, span = await _slice(request, lambda span: Slice.before(span, before, limit))
        has_more = bool(messages) and messages[0]["seq"] > span.floor + 1
    else:
        start = after or 0
        messages, span = await _slice(request, lambda span: Slice.after(span, start, limit))
        has_more = bool(messages) and messages[-1]["seq"] != span.last
    answer: SliceAnswer = {"messages": messages, "hasMore": has_more}
    return json_response(answer)


async def _slice(
    request: web.Request, choose: Callable[[Span], Slice]
) -> tuple[list[Message], Span]:
    app, group, user = request.app, group_id(request), caller(request)
    found, span = await app[GROUP_COPY].consulted(
        user, lambda: look_up.history(app[DATABASE], group, user, choose)
    )
    return [message_json(message) for message in found], span


@operation({200: Message}, parameters=[MESSAGE_ID], refusals=[MessageNotFound, GroupsAway])
async def one(request: web.Request) -> web.Response:
    """Get a message."""
    app, message, user = request.app, message_id(request), caller(request)
    found = await app[GROUP_COPY].consulted(
        user, lambda: look_up.message(app[DATABASE], message, user)
    )
    return json_response(message_json(found))


@operation(
    {200: Said},
    parameters=[MESSAGE_ID],
    refusals=[NotYoursToDelete, MessageNotFound, SystemMessageStays, GroupsAway],
)
async def delete(request: web.Request) -> web.Response:
    """Delete a message; for its sender and the group's admins.

    It stays in the history, without its content.
    """
    app, message, actor = request.app, message_id(request), named_caller(request)
    await app[GROUP_COPY].consulted(actor[0], lambda: delete_message(app[OUTBOX], message, actor))
    # Answered before the notifier knows, the content would still be in inboxes. Waited for when it
    # was deleted before, too: whoever asks again has perhaps heard no answer.
    await app[NOTIFIER].call("GET", f"/internal/v1/messages/{message}/deletion")
    return json_response({"message": "The message is deleted."})
