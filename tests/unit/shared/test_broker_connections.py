"""Connections to a broker that is not there."""

import gc

import aio_pika
import pytest
from aiohttp.test_utils import unused_port

from shared.rabbitmq.connection import BROKER_FAILURES, connected


async def test_an_attempt_that_fails_leaves_nothing_to_be_closed_later() -> None:
    before = {id(each) for each in gc.get_objects() if isinstance(each, aio_pika.Connection)}
    with pytest.raises(BROKER_FAILURES):
        async with connected(f"amqp://localhost:{unused_port()}/", "test"):
            pytest.fail("nobody listens there")
    made = [
        each
        for each in gc.get_objects()
        if isinstance(each, aio_pika.Connection) and id(each) not in before
    ]
    assert all(each.is_closed for each in made)
