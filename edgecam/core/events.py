"""What the camera noticed, as one value that every process understands."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from edgecam.core.errors import DataLoss

# An alarm waits for this: neither a copy of the event nor an encoder is made anew for each.
_JSON = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


class EventKind(StrEnum):
    """Everything that can be reported; the names are stable and stand in topics and files."""

    MOTION = "motion"
    PERSON = "person"
    VEHICLE = "vehicle"
    BICYCLE = "bicycle"
    ANIMAL = "animal"
    COVERED = "covered"
    DEFOCUSED = "defocused"
    BLINDED = "blinded"
    DARK = "dark"
    FROZEN = "frozen"
    SIGNAL_LOST = "signal_lost"
    MOVED = "moved"
    INTRUSION = "intrusion"
    LINE_CROSSING = "line_crossing"
    LOITERING = "loitering"
    PARKED_VEHICLE = "parked_vehicle"
    ABANDONED_OBJECT = "abandoned_object"
    REMOVED_OBJECT = "removed_object"
    DOORWAY = "doorway"
    CROWDING = "crowding"
    COUNTING = "counting"
    FALL = "fall"
    DUMPING = "dumping"
    UNUSUAL = "unusual"
    CLONED = "cloned"


SCENE_KINDS: Final = frozenset(
    {
        EventKind.COVERED,
        EventKind.DEFOCUSED,
        EventKind.BLINDED,
        EventKind.DARK,
        EventKind.FROZEN,
        EventKind.SIGNAL_LOST,
        EventKind.MOVED,
    }
)
"""What is wrong with the view itself."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that began, and perhaps ended, before this camera.

    ``revision`` 0 opens the event, a higher one replaces it; ``end_wall_ns`` is ``None`` while it lasts.
    ``box`` is ``(x0, y0, x1, y1)``, normalised 0-1 from the top left. ``trust`` is the wall clock's at the start.
    ``confidence`` is 0-1. ``reason`` is one English sentence.
    """

    event_id: str
    revision: int
    kind: EventKind
    start_wall_ns: int
    end_wall_ns: int | None
    trust: int
    confidence: float
    reason: str
    track: int | None = None
    box: tuple[float, float, float, float] | None = None
    zone: str | None = None

    def to_json(self) -> str:
        return _JSON.encode({name: getattr(self, name) for name in self.__slots__})

    @classmethod
    def from_json(cls, text: str | bytes) -> Event:
        """The event told by ``text``.

        Raises: DataLoss for anything that is not one.
        """
        try:
            fields: dict[str, Any] = json.loads(text)
            box = fields["box"]
            event = cls(
                event_id=_of(str, fields["event_id"]),
                revision=_of(int, fields["revision"]),
                kind=EventKind(fields["kind"]),
                start_wall_ns=_of(int, fields["start_wall_ns"]),
                end_wall_ns=None if fields["end_wall_ns"] is None else _of(int, fields["end_wall_ns"]),
                trust=_of(int, fields["trust"]),
                confidence=float(_of((int, float), fields["confidence"])),
                reason=_of(str, fields["reason"]),
                track=None if fields["track"] is None else _of(int, fields["track"]),
                box=None if box is None else _box(box),
                zone=None if fields["zone"] is None else _of(str, fields["zone"]),
            )
        except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as broken:
            raise DataLoss("an event record does not parse", safe="the recording is not touched") from broken
        return event


def _of(kind: Any, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, kind):
        raise TypeError(f"expected {kind}")
    return value


def _box(value: Any) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (float(_of((int, float), v)) for v in value)
    return x0, y0, x1, y1
