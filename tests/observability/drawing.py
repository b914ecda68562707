"""The dashboard's panels and a trace as pictures: SVG, written by hand, readable on light and dark
pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from tests.observability.files import Panel

# Of one curve: seconds since the beginning, and the value.
Points = Sequence[tuple[float, float]]

_COLOURS = ("#2f81f7", "#2da44e", "#d29922", "#8250df", "#d1242f", "#1b7c83", "#bc4c00", "#8c959f")
_STYLE = """<style>
text { font: 11px system-ui, sans-serif; fill: #57606a }
.title { font-weight: 600; font-size: 12px } .small { font-size: 10px } .end { text-anchor: end }
.axis { stroke: #8c959f; stroke-width: .5 } .frame { stroke: #8c959f; fill: none; opacity: .4 }
.line { fill: none; stroke-width: 1.4 }
</style>"""
_COLUMNS, _WIDTH, _HEIGHT, _GAP = 3, 330, 190, 10
_LEFT, _PLOT_TOP, _PLOT_HEIGHT = 44, 26, 96
_LEGEND_WIDTH = 6.2


def dashboard(title: str, panels: Sequence[Panel], curves: Sequence[Mapping[str, Points]]) -> str:
    """The panels, in their order, three in a row; `curves` are each panel's, by legend."""
    parts = [
        part
        for number, (panel, drawn) in enumerate(zip(panels, curves, strict=True))
        for part in _panel(panel, drawn, *_place(number))
    ]
    rows = -(-len(panels) // _COLUMNS)
    return _picture(title, _COLUMNS * (_WIDTH + _GAP), 24 + rows * (_HEIGHT + _GAP), parts)


def _place(number: int) -> tuple[int, int]:
    row, column = divmod(number, _COLUMNS)
    return column * (_WIDTH + _GAP) + 5, 24 + row * (_HEIGHT + _GAP)


def _panel(panel: Panel, curves: Mapping[str, Points], left: int, top: int) -> list[str]:
    highest = max((y for points in curves.values() for _, y in points), default=0.0)
    last = max((x for points in curves.values() for x, _ in points), default=1.0) or 1.0
    base, right = top + _PLOT_TOP + _PLOT_HEIGHT, left + _WIDTH - 8
    across, up = (_WIDTH - _LEFT - 8) / last, _PLOT_HEIGHT / (highest or 1.0)
    parts = [
        f'<rect class="frame" x="{left}" y="{top}" width="{_WIDTH}" height="{_HEIGHT}" rx="4"/>',
        f'<text class="title" x="{left + 8}" y="{top + 16}">{escape(panel.title)}</text>',
        f'<line class="axis" x1="{left + _LEFT}" x2="{right}" y1="{base}" y2="{base}"/>',
        f'<text class="small end" x="{left + _LEFT - 4}" y="{base + 3}">0</text>',
        f'<text class="small end" x="{right}" y="{base + 13}">{last:.0f} s</text>',
    ]
    if highest:
        parts.append(
            f'<text class="small end" x="{left + _LEFT - 4}" y="{top + _PLOT_TOP + 8}">'
            f"{escape(shown(highest, panel.unit))}</text>"
        )
    for number, legend in enumerate(sorted(curves)):
        colour = _COLOURS[number % len(_COLOURS)]
        places = " ".join(
            f"{left + _LEFT + x * across:.1f},{base - y * up:.1f}" for x, y in curves[legend]
        )
        parts.append(f'<polyline class="line" stroke="{colour}" points="{places}"/>')
    return parts + _legends(sorted(curves), left + 8, base + 28)


def _legends(legends: Sequence[str], left: int, top: int) -> list[str]:
    parts, x, y = [], 0.0, 0
    for number, legend in enumerate(legends):
        width = 16 + len(legend) * _LEGEND_WIDTH
        if x and x + width > _WIDTH - 16:
            x, y = 0.0, y + 13
        colour = _COLOURS[number % len(_COLOURS)]
        parts += [
            f'<rect x="{left + x:.0f}" y="{top + y - 7}" width="8" height="8" fill="{colour}"/>',
            f'<text class="small" x="{left + x + 11:.0f}" y="{top + y}">{escape(legend)}</text>',
        ]
        x += width
    return parts


def shown(value: float, unit: str) -> str:
    """A value as its axis says it."""
    if unit == "s":
        return f"{value * 1000:.3g} ms" if value < 1 else f"{value:.3g} s"
    suffix = {"ops": "/s", "reqps": "/s"}.get(unit, "")
    return f"{value:,.0f}{suffix}" if value >= 100 else f"{value:.3g}{suffix}"


@dataclass(frozen=True)
class Bar:
    """A span: times are in milliseconds since the trace's beginning."""

    service: str
    name: str
    depth: int
    began: float
    ended: float


def trace(title: str, bars: Sequence[Bar]) -> str:
    """One line for each span, in the order in which they began."""
    last = max(bar.ended for bar in bars)
    left, width, row = 400, 480, 20
    scale = width / last
    services = sorted({bar.service for bar in bars})
    parts = []
    for number, bar in enumerate(bars):
        y = 34 + number * row
        colour = _COLOURS[services.index(bar.service) % len(_COLOURS)]
        length = max(1.5, (bar.ended - bar.began) * scale)
        parts += [
            f'<text x="10" y="{y + 11}">{escape(bar.service)}</text>',
            f'<text x="{84 + bar.depth * 12}" y="{y + 11}">{escape(bar.name)}</text>',
            f'<rect fill="{colour}" x="{left + bar.began * scale:.1f}" y="{y + 1}" height="13" '
            f'width="{length:.1f}"/>',
            f'<text class="small" x="{left + bar.began * scale + length + 4:.1f}" y="{y + 11}">'
            f"{bar.ended - bar.began:.1f} ms, from {bar.began:.1f}</text>",
        ]
    return _picture(title, left + width + 140, 40 + len(bars) * row, parts)


def _picture(title: str, width: int, height: int, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" role="img"><title>{escape(title)}</title>{_STYLE}\n'
        f'<text x="8" y="14">{escape(title)}</text>\n' + "\n".join(parts) + "\n</svg>\n"
    )
