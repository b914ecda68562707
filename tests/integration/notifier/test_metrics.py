"""What operators see of the notifier's promises."""

from services.notifier.streams.drift import DriftCheck
from shared.postgres.pool import OwnConnection
from shared.supervision import Health
from shared.web.app import DATABASE
from tests.builders import a_group, a_message_sent
from tests.fixtures.metrics import counted
from tests.fixtures.waiting import eventually
from tests.integration.notifier.conftest import Replica, Start, Stored, Told
from tests.integration.notifier.people import Reader
from tests.integration.notifier.test_slow_readers import LARGE, SlowReader, small_listener

GROUP = a_group()


def openings(kind: str, outcome: str, reason: str = "") -> float:
    name = "circles_stream_openings_total"
    return counted(name, kind=kind, outcome=outcome, reason=reason)


def pushes(stored: str) -> float:
    return counted("circles_push_latency_seconds_count", stored=stored)


async def test_entries_are_counted_by_what_they_tell(
    notifier: Replica, tell: Told, stored: Stored
) -> None:
    before = counted("circles_entries_stored_total", type="message.new")
    await tell(a_message_sent(GROUP, to=("bob", "carol", "dave")))
    await stored("bob", 1)
    await eventually(
        lambda: counted("circles_entries_stored_total", type="message.new") == before + 3
    )


async def test_a_push_is_timed_from_its_commit_to_its_frame(bob: Reader, tell: Told) -> None:
    before = pushes("here")
    # The way of most clients: what they acknowledge counts, and the frame is written all the same.
    async with bob.listening(ack="client") as stream:
        await tell(a_message_sent(GROUP, to=("bob",)))
        await stream.take(1)
    assert pushes("here") == before + 1


async def test_a_push_by_another_replica_is_timed_too(start: Start, tell: Told) -> None:
    first, second = await start(replica="a"), await start(replica="b")
    before = pushes("here") + pushes("elsewhere")
    elsewhere = pushes("elsewhere")
    async with (
        first.person("bob").listening() as here,
        second.person("bob").listening() as there,
    ):
        await tell(a_message_sent(GROUP, to=("bob",)))
        await here.take(1)
        await there.take(1)
    assert pushes("here") + pushes("elsewhere") == before + 2
    assert pushes("elsewhere") == elsewhere + 1


async def test_who_comes_back_is_counted_by_how(bob: Reader) -> None:
    kinds = [
        ("stream", "fresh", ""),
        ("stream", "resumed", ""),
        ("stream", "reset", "beyond_end"),
        ("poll", "fresh", ""),
        ("poll", "reset", "unknown_epoch"),
    ]
    before = [openings(*kind) for kind in kinds]
    for cursor in (None, "0", "7"):
        async with bob.listening(cursor):
            pass
    await bob.poll()
    await bob.poll("e1-0")
    assert [openings(*kind) for kind in kinds] == [count + 1 for count in before]


async def test_open_streams_and_polls_are_shown_while_they_last(
    notifier: Replica, bob: Reader
) -> None:
    def opened() -> float:
        return counted("circles_open_streams", kind="stream")

    before, left = opened(), counted("circles_stream_endings_total", reason="left")
    async with bob.listening():
        await eventually(lambda: opened() == before + 1)
    await eventually(lambda: opened() == before)
    await eventually(lambda: counted("circles_stream_endings_total", reason="left") == left + 1)


async def test_a_reader_cut_off_is_counted(start: Start, tell: Told) -> None:
    def cut_off() -> float:
        return counted("circles_stream_endings_total", reason="slow")

    replica, before = await start(socket_factory=small_listener, slow_reader_frames=3), cut_off()
    slow = await SlowReader.open(replica, "bob")
    await eventually(lambda: replica.streams == 1)
    for seq in range(1, 15):
        await tell(a_message_sent(GROUP, seq, LARGE, to=("bob",)))
    await eventually(lambda: cut_off() == before + 1)
    await slow.rest()


async def test_a_counter_that_drifts_is_found(
    notifier: Replica, tell: Told, stored: Stored, database: OwnConnection
) -> None:
    await tell(*(a_message_sent(GROUP, seq, to=("bob", "carol")) for seq in (1, 2)))
    await stored("carol", 2)
    await notifier.person("bob").patch("/v1/notifications/1/read")
    await notifier.person("carol").patch("/v1/notifications/read-all")
    check = DriftCheck(notifier.app[DATABASE], Health())

    async def found() -> bool:
        # Each sample begins at a random mailbox: of two it has one, or both.
        return await check.check() == 1

    for _ in range(20):
        assert await check.check() == 0
    await database.execute("UPDATE mailboxes SET unread = unread + 1 WHERE user_id = 'bob'")
    await eventually(found)
    assert counted("circles_unread_drift_mailboxes") == 1
