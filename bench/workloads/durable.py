"""The durable path of Circles: from a POST to the frame, every notification stored on the way."""

from dataclasses import dataclass

from bench import circles
from bench.context import Context
from bench.figures import Histogram
from bench.gate import Run, faults, is_held
from bench.generator import Generator, generating
from bench.section import Bars, Section
from bench.stack import PARTS, Stack

# Groups and members: small ones are many, so that streams are a few hundred to a thousand.
SHAPES = {2: 200, 100: 8, 1000: 1}
FIRST_RATE = {2: 100.0, 100: 40.0, 1000: 8.0}
STEP = 1.3
# A rate is held when the last frame comes this soon after the last message.
BEHIND_SECONDS = 1.0
SETTLE_SECONDS = 15.0
_WORDS = """Messages are posted at fixed times, whatever became of those before, through the gateway;
every member has a stream open, receipts are on and fsync is on. Latency counts from the time at
which a message was due to the frame at each reader. The highest rate held is found by steps of 30 %:
nothing lost, doubled or out of order, and the last frame within 1 s of the last message. Load
generator, PostgreSQL, RabbitMQ, gateway and services share all cores. CPU is that of all of them but
the generator."""


@dataclass(frozen=True)
class Held:
    """The highest rate that was held for a moment, in messages a second."""

    rate: float
    frames: float


async def durable(context: Context, stack: Stack) -> Section:
    section = Section(
        "durable",
        "Durable path, POST to frame",
        _WORDS,
        (
            *("group of", "load", "messages/s", "notifications/s", "p50 ms", "p99 ms", "p99.9 ms"),
            *("answer p50 ms", "CPU ms per message", "CPU µs per notification", "CPU by part, %"),
        ),
    )
    rates = []
    for size, groups in SHAPES.items():
        async with generating(context.programs, f"durable {size}") as generator:
            crowd = await circles.crowd(stack, groups, size)
            await circles.gather(context, stack, generator, crowd)
            await _idle(context, stack, generator, size, section)
            held = await find_rate(context, stack, generator, size, section)
            rates.append((f"groups of {size}", held.frames))
            await _hold(context, stack, generator, size, held, section)
        await stack.vacuum()
    section.bars.append(Bars("Highest rate held, notifications a second", "/s", rates))
    return section


async def _idle(
    context: Context, stack: Stack, generator: Generator, size: int, section: Section
) -> None:
    """One message at a time, with nothing else to do: five a second."""
    await _measure(context, stack, generator, size, "idle", 5.0, section)


async def find_rate(
    context: Context, stack: Stack, generator: Generator, size: int, section: Section
) -> Held:
    """Step by step up, until two steps in a row are not held."""
    rate, held, misses = FIRST_RATE[size], Held(0.0, 0.0), 0
    seconds = context.pick(5.0, 2.0)
    while misses < 2:
        run = await generator.paced(rate, seconds, SETTLE_SECONDS)
        if is_held(run, BEHIND_SECONDS):
            held, misses = Held(rate, run.received / seconds), 0
        else:
            misses += 1
            if wrong := [w for w in faults(run) if "lost" not in w and "unanswered" not in w]:
                section.void.append(f"groups of {size} at {rate:.0f}/s: {', '.join(wrong)}")
        context.say(
            f"groups of {size}: {rate:.0f} messages/s, {run.behind:.2f} s behind at the end, "
            f"{'; '.join(faults(run)) or 'nothing lost'}"
        )
        await stack.settled(60.0)
        rate *= STEP
    return held


async def _hold(
    context: Context, stack: Stack, generator: Generator, size: int, held: Held, section: Section
) -> None:
    for share, label in ((0.5, "half"), (0.8, "80 %")):
        await _measure(context, stack, generator, size, label, held.rate * share, section)


async def _measure(
    context: Context,
    stack: Stack,
    generator: Generator,
    size: int,
    label: str,
    rate: float,
    section: Section,
) -> None:
    if not rate:
        section.void.append(f"groups of {size}, {label}: no rate was held")
        return
    seconds = context.pick(20.0 if label == "idle" else 15.0, 4.0)
    before = stack.cpu()
    run = await generator.paced(rate, seconds, SETTLE_SECONDS)
    # What is still done for these messages belongs to them: receipts are coalesced, for example.
    await stack.settled()
    used = circles.spent(before, stack.cpu())
    if wrong := faults(run):
        section.void.append(f"groups of {size}, {label}: {', '.join(wrong)}")
        return
    section.rows.append(_row(size, label, run, seconds, used))
    context.say(f"groups of {size}, {label}: p50 {run.frames.percentile(0.5):.1f} ms")


def _row(
    size: int, label: str, run: Run, seconds: float, used: dict[str, float]
) -> list[str | float | int | None]:
    total = used["all"] or 1.0
    shares = ", ".join(f"{part.removesuffix('-1')} {used[part] / total:.0%}" for part in PARTS)
    return [
        *(size, label, round(run.accepted / seconds, 1), round(run.received / seconds)),
        *percentiles(run.frames),
        round(run.answers.percentile(0.5), 2),
        round(total / run.accepted * 1e3, 2),
        round(total / run.received * 1e6, 1),
        shares.replace("%", ""),
    ]


def percentiles(times: Histogram) -> list[float | None]:
    """p50, p99 and p99.9; a percentile of too few samples says nothing."""
    found: list[float | None] = [
        round(times.percentile(share), 2) if times.total * (1 - share) >= 10 else None
        for share in (0.5, 0.99, 0.999)
    ]
    return found
