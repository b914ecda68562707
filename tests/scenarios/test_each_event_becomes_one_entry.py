"""What happened, what is in the mailboxes and what clients got are the same."""

import asyncio
from collections import Counter

from shared.events.envelope import decode
from shared.events.fact import GroupFact
from shared.postgres.pool import OwnConnection
from tests.fixtures.stack import Stack
from tests.scenarios.conftest import Newcomer
from tests.scenarios.people import User

Pairs = Counter[tuple[str, str]]


async def facts_for(connection: OwnConnection, user_ids: set[str]) -> Pairs:
    """(event, recipient) as a service recorded them, for these recipients."""
    rows = await connection.fetch("SELECT body FROM outbox WHERE type NOT LIKE 'notifier.%'")
    events = [decode(row["body"]) for row in rows]
    return Counter(
        (str(event.id), user_id)
        for event in events
        if isinstance(event.fact, GroupFact)
        for user_id in event.fact.audience
        if user_id in user_ids
    )


async def entries_for(connection: OwnConnection, user_ids: set[str]) -> Pairs:
    rows = await connection.fetch(
        """SELECT ev.id, m.user_id FROM entries e JOIN mailboxes m ON m.id = e.mailbox_id
           JOIN events ev ON ev.key = e.event_key WHERE m.user_id = ANY($1)""",
        list(user_ids),
    )
    return Counter((str(row["id"]), row["user_id"]) for row in rows)


async def test_facts_entries_inboxes_and_streams_agree(
    alice: User, bob: User, carol: User, newcomer: Newcomer, stack: Stack
) -> None:
    dan = newcomer("Dan")
    everyone = (alice, bob, carol, dan)
    async with alice.follow() as a, bob.follow() as b, carol.follow() as c:
        group = await alice.creates_group(bob, carol)
        dm = await carol.opens_dm(bob)

        async def chats(sender: User) -> None:
            for number in range(15):
                message = await sender.sends(group, f"{sender.name} {number}")
                if number % 5 == 0:
                    await sender.deletes(message)

        await asyncio.gather(chats(alice), chats(bob), chats(carol), bob.sends(dm, "Psst"))
        await alice.adds(group, dan)
        await alice.makes(bob, "admin", group)
        await bob.removes(group, carol)
        await alice.patch(f"/v1/groups/{group['id']}", {"description": "No rain"})
        await stack.settled()
        last = await alice.sends(group, "The end")
        await b.told("message.new", messageId=last["id"])
        await alice.delete(f"/v1/groups/{group['id']}")
        await a.told("group.deleted")
        await b.told("group.deleted")
        await c.told("group.member_removed")
        await stack.settled()

        ids = {user.id for user in everyone}
        facts = await facts_for(stack.tables["groups"], ids)
        facts += await facts_for(stack.tables["chat"], ids)
        assert facts == await entries_for(stack.tables["notifier"], ids)
        assert set(facts.values()) == {1}
        for user, client in ((alice, a), (bob, b), (carol, c), (dan, None)):
            inbox = await user.whole_inbox()
            assert {each["eventId"] for each in inbox} == {
                event_id for event_id, user_id in facts if user_id == user.id
            }
            assert [each["id"] for each in inbox] == [str(n + 1) for n in range(len(inbox))]
            assert sum(not each["isRead"] for each in inbox) == await user.unread()
            if client is not None:
                last_entry = inbox[-1]
                while client.notifications[-1]["id"] != last_entry["id"]:
                    await client.next("notification")
                told = [(each["id"], each["eventId"]) for each in client.notifications]
                assert told == [(each["id"], each["eventId"]) for each in inbox]
