"""The tick comes back: who sends learns that it was delivered."""

import asyncio

from circles_client import CirclesError

from command_line.doctor.findings import Finding, failed, ok, skipped
from command_line.doctor.scene import OPEN_SECONDS, Scene

NAME = "receipts"
NEEDS_STREAM = True


async def check(scene: Scene) -> Finding:
    if scene.speaker is None:
        return skipped("needs a second person: give another --token, or --as on the local stack")
    speaker = scene.speaker
    try:
        message = await scene.repeated(lambda: speaker.circles.send(scene.group_id, "Tick?"))
        async with scene.stream() as wire:
            arrival = await wire.next(
                OPEN_SECONDS,
                lambda a: (
                    a.name == "notification" and a.data["data"].get("messageId") == message["id"]
                ),
            )
        if arrival is None:
            return failed(f"a message did not arrive: {wire.failure or 'too late'}")
        await scene.repeated(
            lambda: scene.listener.circles.calls.call(
                "POST", "/v1/sse/ack", body={"cursor": arrival.cursor}
            )
        )
        async with asyncio.timeout(OPEN_SECONDS):
            while True:
                status = await scene.repeated(lambda: speaker.circles.message_status(message["id"]))
                if status["delivered"]:
                    return ok("a message that was acknowledged counts as delivered")
                await asyncio.sleep(0.1)
    except TimeoutError:
        return failed("a message that was acknowledged does not count as delivered after 5 s")
    except CirclesError as error:
        return failed(str(error))
