"""A trace as a picture: SVG, written by hand, readable on light and dark pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_COLOURS = ("#2f81f7", "#2da44e", "#d29922", "#8250df", "#d1242f", "#1b7c83", "#bc4c00", "#8c959f")
_STYLE = """<style>
text { font: 11px system-ui, sans-serif; fill: #57606a } .small { font-size: 10px }
</style>"""


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
    height = 40 + len(bars) * row
    across = left + width + 140
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {across} {height}" '
        f'width="{across}" role="img"><title>{escape(title)}</title>{_STYLE}\n'
        f'<text x="8" y="14">{escape(title)}</text>\n' + "\n".join(parts) + "\n</svg>\n"
    )
