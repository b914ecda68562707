"""Log files: kept from growing without end, and read for the cause when something dies."""

import json
from pathlib import Path

KEEP_BYTES = 20_000_000
_TAIL_BYTES = 20_000


def rotate(path: Path) -> None:
    """Before a start, put a large log aside; one older generation is kept."""
    if path.exists() and path.stat().st_size > KEEP_BYTES:
        path.replace(path.with_suffix(".log.1"))


def last_words(path: Path, offset: int = 0) -> str:
    """The last meaningful line written after `offset`: what a person would look for first."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(max(offset, path.stat().st_size - _TAIL_BYTES))
        lines = [line.strip() for line in file.read().decode(errors="replace").splitlines()]
    lines = [line for line in lines if line]
    telling = [line for line in lines if _tells_a_cause(line)] or lines
    return _readable(telling[-1]).rstrip(".") if telling else ""


def _tells_a_cause(line: str) -> bool:
    lowered = line.lower()
    return any(word in lowered for word in ("error", "fatal", "panic", "cannot", "refused"))


def _readable(line: str) -> str:
    """Structured records say it in `event` and `error`; other lines speak for themselves."""
    try:
        record = json.loads(line)
        if not isinstance(record, dict):
            return line[:500]
    except ValueError:
        return line[:500]
    what = record.get("event") or record.get("msg") or record.get("message") or ""
    why = record.get("error") or record.get("detail") or record.get("kind") or ""
    return ": ".join(str(part) for part in (what, why) if part)[:500] or line[:500]
