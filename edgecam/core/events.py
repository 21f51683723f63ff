"""What the camera noticed, as one value that every process understands."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from json.encoder import encode_basestring as _quoted
from types import NoneType
from typing import Any, Final, cast

from edgecam.core.errors import DataLoss

_DECODER = json.JSONDecoder()


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

_KINDS: Final = {kind.value: kind for kind in EventKind}
_NUMBER: Final = frozenset({int, float})
# What JSON makes of each field but ``kind``; a truth value is no number here.
_TYPES: Final[dict[str, frozenset[type]]] = {
    "event_id": frozenset({str}),
    "revision": frozenset({int}),
    "start_wall_ns": frozenset({int}),
    "end_wall_ns": frozenset({int, NoneType}),
    "trust": frozenset({int}),
    "confidence": _NUMBER,
    "reason": frozenset({str}),
    "track": frozenset({int, NoneType}),
    "box": frozenset({list, NoneType}),
    "zone": frozenset({str, NoneType}),
    "direction": frozenset({str, NoneType}),
}
# What an earlier edgecam did not tell, and may have left in an outbox.
_ADDED: Final = {"direction": None}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that began, and perhaps ended, before this camera.

    ``revision`` 0 opens the event, a higher one replaces it; ``end_wall_ns`` is ``None`` while it lasts.
    ``box`` is ``(x0, y0, x1, y1)``, normalised 0-1 from the top left. ``trust`` is the wall clock's at the start.
    ``confidence`` is 0-1. ``reason`` is one English sentence. ``direction`` is which way a line was crossed or a
    door was gone through, as rules name it.
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
    direction: str | None = None

    def to_json(self) -> str:
        """All fields by their names; with a number that JSON cannot say it is no JSON."""
        # An alarm waits for this: an encoder takes three times as long.
        return (
            f'{{"event_id":{_quoted(self.event_id)},"revision":{self.revision},"kind":"{self.kind}",'
            f'"start_wall_ns":{self.start_wall_ns},'
            f'"end_wall_ns":{"null" if self.end_wall_ns is None else self.end_wall_ns},'
            f'"trust":{self.trust},"confidence":{self.confidence},"reason":{_quoted(self.reason)},'
            f'"track":{"null" if self.track is None else self.track},'
            f'"box":{"null" if self.box is None else "[{},{},{},{}]".format(*self.box)},'
            f'"zone":{"null" if self.zone is None else _quoted(self.zone)},'
            f'"direction":{"null" if self.direction is None else _quoted(self.direction)}}}'
        )

    @classmethod
    def from_json(cls, text: str | bytes) -> Event:
        """The event told by ``text``.

        Raises: DataLoss for anything that is not one.
        """
        try:
            fields = _fields(text)
            event = cls(
                event_id=fields["event_id"],
                revision=fields["revision"],
                kind=_KINDS[fields["kind"]],
                start_wall_ns=fields["start_wall_ns"],
                end_wall_ns=fields["end_wall_ns"],
                trust=fields["trust"],
                confidence=float(fields["confidence"]),
                reason=fields["reason"],
                track=fields["track"],
                box=None if fields["box"] is None else _box(fields["box"]),
                zone=fields["zone"],
                direction=fields["direction"],
            )
        except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as broken:
            raise DataLoss("an event record does not parse", safe="the recording is not touched") from broken
        return event


def _fields(text: str | bytes) -> dict[str, Any]:
    """The object that ``text`` is, with nothing around it, and each field of its type."""
    # `json.loads` first guesses the encoding and looks for blanks, which takes longer than the parsing.
    told = text if isinstance(text, str) else text.decode()
    fields, end = _DECODER.raw_decode(told)
    if end != len(told):
        raise ValueError("something follows")
    fields = _ADDED | fields
    for name, types in _TYPES.items():
        if type(fields[name]) not in types:
            raise TypeError(f"{name} is of another type")
    return cast("dict[str, Any]", fields)


def _box(value: list[Any]) -> tuple[float, float, float, float]:
    if not _NUMBER.issuperset(map(type, value)):
        raise TypeError("a corner is no number")
    x0, y0, x1, y1 = map(float, value)
    return x0, y0, x1, y1
