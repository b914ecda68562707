"""Figures as pictures: SVG, written by hand, readable on light and dark pages."""

import math
from collections.abc import Sequence
from html import escape

from bench.section import Bars, Curve
from bench.table import cell

_STYLE = """<style>
text { font: 12px system-ui, sans-serif; fill: #57606a }
.name { text-anchor: end } .small { font-size: 10px } .title { font-weight: 600 }
.line { stroke: #2f81f7; fill: none; stroke-width: 2 } .axis { stroke: #8c959f }
.middle { text-anchor: middle }
.ours { fill: #2f81f7 } .others { fill: #8c959f } .floor { fill: #d0a215 }
</style>"""
_ROW, _LEFT, _WIDTH, _GAP, _HEIGHT = 20, 150, 800, 34, 150


def bars(title: str, charts: Sequence[Bars]) -> str:
    """One chart under another; Circles is blue, the floor yellow, peers grey."""
    parts, y = [], 16
    for chart in charts:
        parts.append(f'<text class="title" x="10" y="{y}">{escape(chart.title)}</text>')
        y += 8
        most = max([value for _, value in chart.values] or [1.0]) or 1.0
        for name, value in chart.values:
            length = value / most * (_WIDTH - _LEFT - 100)
            shown = f"{cell(round(value, 1) if value < 100 else round(value))} {chart.unit}"
            parts += [
                f'<text class="name" x="{_LEFT - 8}" y="{y + 12}">{escape(name)}</text>',
                f'<rect class="{_kind(name)}" x="{_LEFT}" y="{y}" height="15" '
                f'width="{max(1.0, length):.1f}"/>',
                f'<text class="small" x="{_LEFT + length + 5:.1f}" y="{y + 12}">'
                f"{escape(shown)}</text>",
            ]
            y += _ROW
        y += _GAP
    return _picture(title, y, parts)


def curves(title: str, charts: Sequence[Curve]) -> str:
    """One chart under another: costs from zero up, so that what is flat looks flat."""
    parts: list[str] = []
    for number, chart in enumerate(charts):
        parts += _curve(chart, 16 + number * (_HEIGHT + 70))
    return _picture(title, len(charts) * (_HEIGHT + 70), parts)


def _curve(chart: Curve, top: int) -> list[str]:
    bottom, right = top + 14 + _HEIGHT, _WIDTH - 60
    least, most = (math.log(f(x for x, _ in chart.points)) for f in (min, max))
    highest = max(y for _, y in chart.points) or 1.0
    parts = [
        f'<text class="title" x="10" y="{top}">{escape(f"{chart.title}, {chart.unit}")}</text>',
        f'<line class="axis" x1="60" y1="{bottom}" x2="{right}" y2="{bottom}"/>',
        f'<text class="small" x="{right - 60}" y="{bottom + 32}">{escape(chart.along)}</text>',
    ]
    places = []
    for x, y in chart.points:
        across = 60 + (math.log(x) - least) / ((most - least) or 1.0) * (right - 60)
        height = bottom - y / highest * (_HEIGHT - 14)
        places.append(f"{across:.1f},{height:.1f}")
        parts += [
            f'<circle class="ours" cx="{across:.1f}" cy="{height:.1f}" r="3"/>',
            f'<text class="small middle" x="{across:.1f}" y="{height - 7:.1f}">'
            f"{escape(cell(round(y, 1) if y < 100 else round(y)))}</text>",
            f'<text class="small middle" x="{across:.1f}" y="{bottom + 14}">'
            f"{escape(cell(round(x)))}</text>",
        ]
    return [*parts, f'<polyline class="line" points="{" ".join(places)}"/>']


def _picture(title: str, height: int, parts: Sequence[str]) -> str:
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
            f"<title>{escape(title)}</title>{_STYLE}",
            *parts,
            "</svg>\n",
        )
    )


def _kind(name: str) -> str:
    if "floor" in name:
        return "floor"
    return "ours" if "Circles" in name or name.startswith("groups of") else "others"
