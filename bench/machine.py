"""The machine: CPU and memory of processes as the kernel counts them, and cores to keep apart."""

import os
import platform
import shutil
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def _stats() -> dict[int, list[str]]:
    """The fields of /proc/PID/stat from the third on, of every process."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            found[int(path.parent.name)] = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
    return found


def _trees(roots: Iterable[int], stats: dict[int, list[str]]) -> set[int]:
    members = set(roots) & stats.keys()
    while more := {pid for pid, of in stats.items() if int(of[1]) in members} - members:
        members |= more
    return members


def cpu_seconds(roots: Iterable[int]) -> float:
    """User and system time of these processes, their descendants, and those of them that ended."""
    stats = _stats()
    return sum(sum(map(int, stats[pid][11:15])) for pid in _trees(roots, stats)) / _TICKS


def resident(roots: Iterable[int]) -> int:
    """Bytes of memory that these processes and their descendants hold; shared pages count for
    each."""
    stats = _stats()
    return sum(int(stats[pid][21]) for pid in _trees(roots, stats)) * _PAGE


def pinned(core: int) -> Sequence[str]:
    """The prefix that keeps a program on one core; nothing where there is only one."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2 or shutil.which("taskset") is None:
        return ()
    return ("taskset", "-c", str(cores[core % len(cores)]))


def description() -> str:
    """One line on what the figures were measured on."""
    model = "unknown CPU"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
    return (
        f"{os.cpu_count()} cores ({model}), Linux {platform.release()}, "
        f"Python {sys.version.split()[0]}, {time.strftime('%Y-%m-%d %H:%M')}"
    )


def load() -> float:
    """The load average of the last minute."""
    return round(os.getloadavg()[0], 2)
