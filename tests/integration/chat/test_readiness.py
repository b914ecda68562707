"""Whether chat says of itself what it can do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from shared.events.envelope import new_event
from shared.events.notifier import Delivery, NotificationDelivered
from tests.fixtures.metrics import counted
from tests.fixtures.waiting import eventually
from tests.integration.chat.conftest import World


async def test_chat_is_ready_unless_its_copy_is_far_behind(world: World) -> None:
    async def ready() -> bool:
        async with world.chat.get("/readyz") as answer:
            return answer.status == 200

    async def says_how_far_behind() -> bool:
        async with world.chat.get("/readyz") as answer:
            return answer.status == 503 and "s behind groups" in await answer.text()

    await eventually(ready)
    delivery = Delivery(user_id="u", group_id=uuid4(), up_to_seq=1)
    event = new_event(NotificationDelivered(deliveries=(delivery,)))
    await world.publish("notifier", replace(event, time=datetime.now(UTC) - timedelta(minutes=1)))
    await eventually(says_how_far_behind)
    # The backlog is over: nothing more waits in the queue.
    await eventually(ready)


async def test_how_far_the_copy_is_behind_is_shown(world: World) -> None:
    def applied() -> float:
        return counted("circles_membership_applied_seconds_count")

    async def shown() -> bool:
        return counted("circles_membership_lag_seconds") >= 60

    async def caught_up() -> bool:
        return counted("circles_membership_lag_seconds") == 0

    before = applied()
    await world.person("alice").creates_group("bob")
    await world.handled()
    assert applied() == before + 1
    delivery = Delivery(user_id="u", group_id=uuid4(), up_to_seq=1)
    event = new_event(NotificationDelivered(deliveries=(delivery,)))
    await world.publish("notifier", replace(event, time=datetime.now(UTC) - timedelta(minutes=1)))
    await eventually(shown)
    await eventually(caught_up)
