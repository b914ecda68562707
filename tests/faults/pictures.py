"""Figures as pictures: SVG, written by hand, readable on light and dark pages."""

from collections.abc import Sequence
from html import escape

from tests.faults.rows import Row
from tests.faults.runner import Result

_STYLE = """<style>
text { font: 12px system-ui, sans-serif; fill: #57606a }
.name { text-anchor: end } .small { font-size: 10px }
.bar { fill: #2f81f7 } .over { fill: #d1242f } .target { stroke: #9a6700; stroke-width: 2 }
.posts { stroke: #2da44e; fill: none; stroke-width: 1.5 }
.frames { stroke: #2f81f7; fill: none; stroke-width: 1.5 }
.broken { fill: #d1242f; opacity: .15 } .axis { stroke: #8c959f; stroke-width: .5 }
</style>"""
_ROW, _LEFT, _WIDTH = 22, 260, 800


def recovery(rows: Sequence[Row]) -> str:
    """A bar for each scenario: seconds until nothing came late any more, against its target;
    of several runs the worst."""
    most = max([*(r.target for r in rows), *(r.recovered_after for r in rows), 1.0])
    scale = (_WIDTH - _LEFT - 60) / most
    parts = []
    for number, row in enumerate(rows):
        y = 30 + number * _ROW
        length = row.recovered_after * scale
        kind = "over" if row.recovered_after > row.target else "bar"
        at = _LEFT + row.target * scale
        parts += [
            f'<text class="name" x="{_LEFT - 8}" y="{y + 12}">{escape(row.name)}</text>',
            f'<rect class="{kind}" x="{_LEFT}" y="{y}" height="15" '
            f'width="{max(1.0, length):.1f}"/>',
            f'<line class="target" x1="{at:.1f}" x2="{at:.1f}" y1="{y - 2}" y2="{y + 17}"/>',
            f'<text class="small" x="{_LEFT + length + 5:.1f}" y="{y + 12}">'
            f"{row.recovered_after:.1f} s</text>",
        ]
    title = "At worst, seconds from the end of the fault to the last late message; mark: the target"
    return _page(40 + len(rows) * _ROW, title, parts)


def throughput(results: Sequence[Result]) -> str:
    """A strip for each scenario: messages accepted (green) and received (blue) a second, before,
    through and after the fault (red)."""
    height, parts = 80, []
    for number, result in enumerate(results):
        top = 30 + number * (height + 24)
        seconds = max(1.0, len(result.frames) * result.bucket_seconds)
        scale = (_WIDTH - _LEFT - 10) / seconds
        broken = max(0.2, result.lifted_at - result.struck_at)
        base = top + height
        parts += [
            f'<text class="name" x="{_LEFT - 8}" y="{top + 30}">{escape(result.name)}</text>',
            f'<text class="name small" x="{_LEFT - 8}" y="{top + 46}">'
            f"at most {_peak(result.accepted, result):.0f} accepted/s,</text>",
            f'<text class="name small" x="{_LEFT - 8}" y="{top + 60}">'
            f"{_peak(result.frames, result):.0f} received/s; {seconds:.0f} s</text>",
            f'<rect class="broken" x="{_LEFT + result.struck_at * scale:.1f}" y="{top}" '
            f'width="{broken * scale:.1f}" height="{height}"/>',
            f'<line class="axis" x1="{_LEFT}" x2="{_WIDTH - 10}" y1="{base}" y2="{base}"/>',
            _line("posts", result.accepted, result.bucket_seconds * scale, base, height),
            _line("frames", result.frames, result.bucket_seconds * scale, base, height),
        ]
    title = "Messages accepted (green) and received (blue), each to its own height; red: broken"
    return _page(40 + len(results) * (height + 24), title, parts)


def _peak(counts: Sequence[int], result: Result) -> float:
    return max([*counts, 0]) / result.bucket_seconds


def _line(kind: str, counts: Sequence[int], step: float, base: float, height: float) -> str:
    most = max([*counts, 1])
    points = " ".join(
        f"{_LEFT + (n + 0.5) * step:.1f},{base - count / most * height:.1f}"
        for n, count in enumerate(counts)
    )
    return f'<polyline class="{kind}" points="{points}"/>'


def _page(height: int, title: str, parts: Sequence[str]) -> str:
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
            f"<title>{escape(title)}</title>{_STYLE}",
            f'<text x="10" y="16">{escape(title)}</text>',
            *parts,
            "</svg>\n",
        )
    )
