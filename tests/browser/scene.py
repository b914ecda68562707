"""Made-up people and what they say to one another, for pictures of the app."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# When the pictures are taken, whatever the clock says.
NOW = datetime(2026, 3, 12, 15, 20, tzinfo=UTC)

ME = ("maya-chen", "Maya Chen")
PEOPLE = {
    "maya-chen": "Maya Chen",
    "jonas-weber": "Jonas Weber",
    "amara-okafor": "Amara Okafor",
    "luis-ortega": "Luis Ortega",
    "sofia-rossi": "Sofia Rossi",
}


@dataclass(frozen=True)
class Line:
    """Something said `minutes` before NOW, and who has read everything up to it."""

    minutes: int
    sender: str
    text: str
    read_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Talk:
    """A conversation; of two people, when it has no name. The first of its members began it."""

    name: str
    members: tuple[str, ...]
    lines: tuple[Line, ...]


ALL = tuple(PEOPLE)
OTHERS = ("jonas-weber", "amara-okafor", "luis-ortega")
HIKE = Talk(
    "Saturday hike",
    ("maya-chen", *OTHERS),
    (
        Line(26 * 60, "luis-ortega", "Forecast says clear until four. Shall we take the ridge?"),
        Line(26 * 60 - 4, "maya-chen", "Yes. It adds an hour, but the view is worth it."),
        Line(26 * 60 - 6, "amara-okafor", "I’m in. Who has room in the car?"),
        Line(24 * 60 + 30, "jonas-weber", "Two seats left in mine. I leave the station at 7:30."),
        Line(95, "maya-chen", "I booked the hut for lunch, four places at 12:30."),
        Line(94, "maya-chen", "They ask us to be on time, the kitchen closes at two.", OTHERS),
        Line(41, "amara-okafor", "Perfect. I bring the maps and the first-aid kit."),
        Line(38, "luis-ortega", "Then I take care of snacks. Anyone who doesn’t eat nuts?"),
        Line(12, "jonas-weber", "No nuts for me, please. Everything else is fine."),
        Line(
            5,
            "maya-chen",
            "Noted. Meet at the east entrance, the main one is closed for repairs until April.",
            ("jonas-weber", "amara-okafor"),
        ),
    ),
)
TALKS = (
    Talk(
        "Choir",
        ("sofia-rossi", "maya-chen", "luis-ortega"),
        (Line(3 * 24 * 60, "sofia-rossi", "Rehearsal moves to room 204 from next week on."),),
    ),
    Talk(
        "",
        ("maya-chen", "luis-ortega"),
        (Line(28 * 60, "maya-chen", "Thanks for the photos!", ("luis-ortega",)),),
    ),
    Talk(
        "Release 2.4",
        ("amara-okafor", "maya-chen", "jonas-weber", "sofia-rossi"),
        (
            Line(4 * 60, "amara-okafor", "Staging is green since this morning."),
            Line(3 * 60 + 20, "jonas-weber", "I’ll watch the dashboards during the rollout."),
            Line(64, "amara-okafor", "Rollout starts at four. Changelog is in the usual place."),
        ),
    ),
    Talk(
        "",
        ("sofia-rossi", "maya-chen"),
        (
            Line(31, "sofia-rossi", "Did you get the tickets?"),
            Line(30, "sofia-rossi", "I could pick them up on my way home."),
        ),
    ),
    HIKE,
)


def ago(minutes: int) -> datetime:
    return NOW - timedelta(minutes=minutes)
