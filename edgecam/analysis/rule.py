"""A rule: what is to be reported where, when, and of whom; and what each kind of rule may say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from edgecam.analysis.line import Line
from edgecam.analysis.zone import Zone
from edgecam.core.events import EventKind
from edgecam.core.timetable import Timetable

OBJECTS: Final = (EventKind.PERSON, EventKind.VEHICLE, EventKind.BICYCLE, EventKind.ANIMAL)
"""Everything that the detector names, in the order in which it is told."""
USUAL_SENSITIVITY: Final = 0.5
USUAL_COUNT: Final = 5


class Direction(StrEnum):
    """Which way a line is crossed, see `line`; through a door, ``in`` is left to right."""

    ANY = "any"
    LEFT_TO_RIGHT = "left_to_right"
    RIGHT_TO_LEFT = "right_to_left"
    IN = "in"
    OUT = "out"


class Reset(StrEnum):
    """When a count begins anew, by the clock on the wall of the timetable's zone."""

    HOURLY = "hourly"
    DAILY = "daily"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule of one kind may say. ``dwell_s`` is its default, ``None`` when it has none."""

    zone: bool = True
    line: bool = False
    everywhere: bool = False
    objects: tuple[EventKind, ...] = OBJECTS
    usual_objects: tuple[EventKind, ...] = (EventKind.PERSON,)
    dwell_s: float | None = None
    least_dwell_s: float = 0.0


_PERSON: Final = (EventKind.PERSON,)
_VEHICLE: Final = (EventKind.VEHICLE,)
TERMS: Final = {
    EventKind.INTRUSION: Terms(dwell_s=0.0),
    EventKind.LINE_CROSSING: Terms(zone=False, line=True),
    EventKind.LOITERING: Terms(everywhere=True, dwell_s=10.0, least_dwell_s=1.0),
    EventKind.PARKED_VEHICLE: Terms(
        everywhere=True, objects=_VEHICLE, usual_objects=_VEHICLE, dwell_s=60.0, least_dwell_s=1.0
    ),
    EventKind.ABANDONED_OBJECT: Terms(
        everywhere=True, objects=(), usual_objects=(), dwell_s=10.0, least_dwell_s=1.0
    ),
    # Counted from when the place is at rest again, which is when whoever took it has stepped aside.
    EventKind.REMOVED_OBJECT: Terms(everywhere=True, objects=(), usual_objects=(), dwell_s=3.0, least_dwell_s=1.0),
    EventKind.DOORWAY: Terms(line=True),
    EventKind.CROWDING: Terms(everywhere=True, dwell_s=3.0),
    EventKind.COUNTING: Terms(zone=False, line=True),
    EventKind.FALL: Terms(everywhere=True, objects=_PERSON, dwell_s=2.0),
    EventKind.DUMPING: Terms(everywhere=True, objects=(EventKind.PERSON, EventKind.VEHICLE), dwell_s=10.0),
    EventKind.UNUSUAL: Terms(everywhere=True, usual_objects=OBJECTS),
}
"""Every kind of rule there is."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, sound and complete: exactly one of ``zone`` and ``line`` is there.

    ``number`` counts from 1 in the order in which rules are written. ``dwell_s`` in seconds, ``min_size`` the least
    height of an object as a share of the picture's, ``sensitivity`` 0-1. Without ``timetable`` it always holds.
    """

    number: int
    kind: EventKind
    zone: Zone | None
    line: Line | None
    objects: tuple[EventKind, ...]
    dwell_s: float = 0.0
    min_size: float = 0.0
    sensitivity: float = USUAL_SENSITIVITY
    timetable: Timetable | None = None
    direction: Direction = Direction.ANY
    count: int = USUAL_COUNT
    reset: Reset = Reset.HOURLY
    silenced: bool = False

    @property
    def place(self) -> str | None:
        """The name of its zone or line, ``None`` for the whole picture."""
        named = self.zone if self.zone is not None else self.line
        return named.name or None if named is not None else None

    @property
    def where(self) -> str:
        """Its place in words."""
        if self.line is not None:
            return f"line {self.line.name}"
        return f"zone {self.place}" if self.place else "the picture"

    def holds(self, wall_ns: int) -> bool:
        """Whether it is in force at ``wall_ns``."""
        return self.timetable is None or self.timetable.is_open(wall_ns)


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All zones, lines and rules of one camera; ``timezone`` (IANA name) tells its hours and days."""

    zones: tuple[Zone, ...] = ()
    lines: tuple[Line, ...] = ()
    rules: tuple[Rule, ...] = ()
    timezone: str = "UTC"


NO_RULES: Final = RuleBook()
