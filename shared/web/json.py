"""Answers in JSON, and times as the API writes them."""

from datetime import UTC, datetime

from aiohttp import web
from pydantic_core import to_json


def json_response(data: object, status: int = 200) -> web.Response:
    """`data` as a JSON answer."""
    return web.Response(status=status, body=to_json(data), content_type="application/json")


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds: `2026-11-23T23:40:01.123Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
