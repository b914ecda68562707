"""What chat does without being asked."""

from tests.integration.chat.conftest import World, started_chat


async def test_two_replicas_share_the_work_and_the_queue(
    chat_environment: dict[str, str], world: World
) -> None:
    """Whichever replica a call reaches, it sees what the other was told."""
    alice, bob = world.person("alice", "Alice"), world.person("bob", "Bob")
    async with started_chat(chat_environment) as second:
        elsewhere = World(
            second, world.groups, world.broker, world.database, world.groups_database
        ).person("bob", "Bob")
        group = await alice.creates_group(bob)
        message = await alice.sends(group)
        assert (await elsewhere.history(group))[-1] == message
        assert await elsewhere.reads(message) == 2
        assert (await alice.status_of(message))["readBy"] == ["bob"]
