"""An event as a line: when, who, where, what. Pure."""

from collections.abc import Mapping
from typing import Any

from circles_client import Event, Notification, Reset, State, StateChange
from rich.text import Text

from command_line.screen import harmless

_STATES: Mapping[State, str] = {
    State.CONNECTING: "connecting",
    State.STREAMING: "live",
    State.POLLING: "polling, since streams don't get through",
    State.WAITING: "away",
}


def line_of(event: Event) -> Text:
    match event:
        case StateChange():
            return Text(f"· {_state(event)}", "dim")
        case Reset():
            return Text(
                f"! Something may be missing ({event.reason}): `circles inbox` shows all, "
                f"{event.unread} unread",
                "yellow",
            )
        case Notification():
            return _notification(event)


def _state(change: StateChange) -> str:
    words = _STATES[change.state]
    if change.unread:
        words += f", {change.unread} unread in the inbox"
    if change.seconds is not None:
        words += f", back in {change.seconds:.0f} s"
    return f"{words} ({harmless(change.why)})" if change.why else words


def _notification(told: Notification) -> Text:
    data = told.data
    at = told.created_at.astimezone().strftime("%H:%M:%S")
    where = harmless(str(data.get("groupName") or "direct"))
    text = Text(f"{at}  ", "dim")
    match told.type:
        case "message.new":
            text.append(harmless(str(data.get("senderName"))), "bold")
            text.append(f"  {where}  ", "dim")
            deleted = "(deleted)" if data.get("isDeleted") else ""
            kind = "" if data.get("messageType") == "text" else f"[{data.get('messageType')}] "
            return text.append(deleted or kind + harmless(str(data.get("content"))))
        case "message.delivered":
            return text.append(f"✓✓ {_who(data, 'deliveredTo', 'deliveredCount')}  {where}", "dim")
        case "message.read":
            text.append("✓✓ ", "cyan")
            reader = data.get("readerName") or data.get("readerId")
            readers = harmless(str(reader)) if reader else _counted(data, "readCount")
            return text.append(f"read by {readers}  {where}", "dim")
        case _:
            words = harmless(f"{told.title}  {told.message}".strip())
            return text.append(words).append(f"  {told.type}", "dim")


def _who(data: Mapping[str, Any], names: str, count: str) -> str:
    people = ", ".join(harmless(str(name)) for name in data.get(names) or ())
    return f"delivered to {people or _counted(data, count)}"


def _counted(data: Mapping[str, Any], count: str) -> str:
    return f"{data.get(count, '?')} of {data.get('total', '?')}"
