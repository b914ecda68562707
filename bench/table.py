"""Markdown tables."""

from collections.abc import Sequence

from bench.section import Cell, Headline


def cell(value: Cell) -> str:
    """Thousands are separated, what was not measured is a dash."""
    if value is None:
        return "–"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}"
    return value.replace("|", "\\|")


def markdown(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """Raises ValueError for a row of another length: its cells would stand in wrong columns."""
    for row in rows:
        if len(row) != len(columns):
            raise ValueError(f"{len(row)} cells for {len(columns)} columns: {row}")
    aligned = ["---" if _is_text(rows, n) else "--:" for n in range(len(columns))]
    lines = [list(columns), aligned, *([cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _is_text(rows: Sequence[Sequence[Cell]], column: int) -> bool:
    return any(isinstance(row[column], str) for row in rows)


def headlines(found: Sequence[Headline]) -> str:
    """Ratios with their spread, and whether each is where it should be."""
    marks = {True: "✓", False: "missed", None: ""}
    rows: list[list[Cell]] = [
        [one.what, str(one.ratio), one.aim or None, marks[one.is_met]] for one in found
    ]
    return markdown(("what", "median (lowest–highest)", "aim", ""), rows)
