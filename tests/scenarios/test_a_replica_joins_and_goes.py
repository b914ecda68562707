"""More notifiers, and fewer again, while people listen: what an operator does when it gets busy."""

from contextlib import AsyncExitStack

from tests.fixtures.stack import Stack
from tests.scenarios.people import User


async def test_a_third_notifier_takes_part_from_its_start_and_hands_over_at_its_end(
    alice: User, bob: User, stack: Stack
) -> None:
    group = await alice.creates_group(bob)
    contents = [f"Message {number}" for number in range(20)]
    async with bob.stream() as elsewhere, AsyncExitStack() as replicas:
        await elsewhere.told("group.invite")
        url = await replicas.enter_async_context(stack.another("notifier"))
        async with bob.stream(elsewhere.cursor, url=url) as there:
            for content in contents:
                await alice.sends(group, content)
            for stream in (there, elsewhere):
                await stream.told_times(len(contents), "message.new")
                assert stream.contents == contents
            await replicas.aclose()
            await there.ended()
            assert there.retry is not None
        await alice.sends(group, "Meanwhile")
        async with bob.stream(there.cursor) as after:
            await after.told("message.new", content="Meanwhile")
            assert after.contents == ["Meanwhile"]
