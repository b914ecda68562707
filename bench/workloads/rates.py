"""Finding the highest rate that a system holds."""

from dataclasses import dataclass

from bench.context import Context
from bench.gate import faults, is_held
from bench.generator import Generator
from bench.section import Section
from bench.systems import System

# So that one of the steps from there is just above what is aimed at.
FIRST_RATE = {2: 200.0, 100: 85.0, 1000: 16.0}
COARSE, FINE = 2.0, 1.2
# A rate is held when the last frame comes this soon after the last message: what falls behind by
# more in so short a run is above what the system can do by more than a tenth.
BEHIND_SECONDS = 0.25
# A rate that is not held has shown it long before.
SETTLE_SECONDS = 8.0
# Messages: fewer tell nothing of a rate.
_FEWEST = 2
_MOST_STEPS = 14


@dataclass(frozen=True)
class Loaded:
    """A system with groups of `size` whose members all read by `generator`."""

    system: System
    generator: Generator
    size: int


async def find_rate(context: Context, loaded: Loaded, section: Section) -> float:
    """Messages a second: doubled until they are not held, then up from the last that were, by
    steps of a fifth, until one fails twice. 0.0 when even few are not held."""
    rate, held, step = FIRST_RATE[loaded.size] * loaded.system.pace, 0.0, COARSE
    misses = 0
    # On a machine that others use it could go up for ever, a little each time.
    for _ in range(_MOST_STEPS):
        if await _is_held(context, loaded, rate, section):
            held, misses = rate, 0
        elif not held:
            rate /= COARSE
            step = FINE
            if rate * _seconds(context) < _FEWEST:
                return 0.0
            continue
        elif step == COARSE and not context.quick:
            step = FINE
        else:
            misses += 1
            if misses == context.count(2, 1):
                return held
            continue
        rate = held * step
    return held


def _seconds(context: Context) -> float:
    return context.pick(2.5, 1.0)


async def _is_held(context: Context, loaded: Loaded, rate: float, section: Section) -> bool:
    seconds = _seconds(context)
    run = await loaded.generator.paced(rate, seconds, SETTLE_SECONDS)
    name = f"{loaded.system.name}, groups of {loaded.size} at {rate:.1f}/s"
    wrong = faults(run)
    # What is late beyond all patience counts as lost here, and is no fault; the rest is one.
    if real := [line for line in wrong if "frames lost" not in line and "unanswered" not in line]:
        section.void.append(f"{name}: {', '.join(real)}")
    context.say(f"{name}: {run.behind:.2f} s behind; {', '.join(wrong) or 'nothing lost'}")
    await loaded.system.settled()
    return is_held(run, BEHIND_SECONDS)
