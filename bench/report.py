"""The report: a page with tables and pictures, and all figures as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench import pictures
from bench.reasons import missed_and_why
from bench.section import Section
from bench.table import headlines, markdown
from launcher.paths import ROOT, STATE, shown

PAGE = """# Benchmarks

{machine}; load of the machine {load} before the run and {load_after} after it. The run took
{minutes:.0f} minutes. `make bench` measures again and writes this page.

Figures of other days or machines do not compare: ratios do. Each ratio is the median over runs that
took turns (A-B-A-B), with the lowest and the highest behind it. *Memory class* means that a message
which nobody reads is gone; only the durable path stores what it tells. A run that lost, doubled or
reordered anything is void: it is named, and not counted.

Measured: {versions}.

{skipped}{void}
## Headlines

{headlines}

{missed}{sections}
## How to run it

```bash
make bench                # everything, in less than 30 minutes, and this page anew
make bench QUICK=1        # all workloads in a few minutes: whether they work, not how fast
make bench ONLY=fanout    # workloads whose names have one of these words
```

The last two write under `.circles/bench/report`. Peers are installed when they are missing; their
data and ports are the benchmark's own.
"""


@dataclass(frozen=True)
class About:
    """What the figures were measured on. `load` is the load average before and after."""

    machine: str
    load: float
    load_after: float
    minutes: float
    versions: str
    skipped: Sequence[str]


def write_report(sections: Sequence[Section], about: About, whole: bool) -> str:
    """Under docs for a run of everything, else under the state folder; the page's address."""
    folder = ROOT / "docs" / "benchmarks" if whole else STATE / "bench" / "report"
    folder.mkdir(parents=True, exist_ok=True)
    data = {**asdict(about), "workloads": [asdict(section) for section in sections]}
    (folder / "results.json").write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n")
    for section in sections:
        if section.bars:
            picture = pictures.bars(section.title, section.bars)
            (folder / f"{section.name}.svg").write_text(picture)
        if section.curves:
            picture = pictures.curves(section.title, section.curves)
            (folder / f"{section.name}-curves.svg").write_text(picture)
    page = folder / "README.md"
    page.write_text(page_of(sections, about))
    return shown(Path(page))


def page_of(sections: Sequence[Section], about: About) -> str:
    found = [one for section in sections for one in section.headlines if one.main]
    void = [f"- {section.name}: {line}" for section in sections for line in section.void]
    return PAGE.format(
        machine=about.machine,
        load=about.load,
        load_after=about.load_after,
        minutes=about.minutes,
        versions=about.versions,
        skipped="".join(f"- {line}\n" for line in about.skipped),
        void="".join(f"{line}\n" for line in ["", "Void:", "", *void]) if void else "",
        headlines=headlines(found) if found else "No two systems were compared in this run.",
        missed=missed_and_why(found),
        sections="\n".join(_section(section) for section in sections),
    )


def _section(section: Section) -> str:
    picture = f"![{section.title}]({section.name}.svg)\n\n" if section.bars else ""
    if section.curves:
        picture += f"![{section.title}]({section.name}-curves.svg)\n\n"
    table = markdown(section.columns, section.rows)
    ratios = f"\n{headlines(section.headlines)}\n" if section.headlines else ""
    return f"## {section.title}\n\n{section.words}\n\n{picture}{table}\n{ratios}"
