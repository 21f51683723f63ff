"""Writes down which objects were known after each look, so that they can be drawn into the video."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from edgecam.analysis.track import Track
from edgecam.core.events import EventKind


@dataclass(frozen=True, slots=True)
class SeenObject:
    """A confirmed object in one look; ``box`` is ``(x0, y0, x1, y1)``, 0-1."""

    track: int
    kind: EventKind
    box: tuple[float, float, float, float]


class ClipWitness:
    """Remembers everything; it grows with the video, a few bytes a look."""

    def __init__(self, size: tuple[int, int]) -> None:
        """``size`` of the small pictures, (width, height) in pixels."""
        self._size = size
        self._at_s: list[float] = []
        self._objects: list[tuple[SeenObject, ...]] = []

    def take(self, at_s: float, tracks: Iterable[Track]) -> None:
        """What was known after the look at ``at_s``, seconds; an object that was not seen just now is left out."""
        seen = [track for track in tracks if track.confirmed and track.misses_in_row == 0]
        self._at_s.append(at_s)
        self._objects.append(
            tuple(SeenObject(track.number, track.kind, track.box.normalised(*self._size)) for track in seen)
        )

    def at(self, at_s: float) -> tuple[SeenObject, ...]:
        """The objects of the newest look that is not later than ``at_s``, seconds."""
        place = bisect_right(self._at_s, at_s) - 1
        return self._objects[place] if place >= 0 else ()
