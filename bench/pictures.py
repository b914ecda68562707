"""Figures as pictures: SVG, written by hand, readable on light and dark pages."""

from collections.abc import Sequence
from html import escape

from bench.section import Bars
from bench.table import cell

_STYLE = """<style>
text { font: 12px system-ui, sans-serif; fill: #57606a }
.name { text-anchor: end } .small { font-size: 10px } .title { font-weight: 600 }
.ours { fill: #2f81f7 } .others { fill: #8c959f } .floor { fill: #d0a215 }
</style>"""
_ROW, _LEFT, _WIDTH, _GAP = 20, 150, 800, 34


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
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y}" role="img">',
            f"<title>{escape(title)}</title>{_STYLE}",
            *parts,
            "</svg>\n",
        )
    )


def _kind(name: str) -> str:
    if "floor" in name:
        return "floor"
    return "ours" if "Circles" in name or name.startswith("groups of") else "others"
