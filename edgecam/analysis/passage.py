"""What one track did so far, as marks: where it was, which way and how fast it went, how long it stayed."""

from __future__ import annotations

import math
from typing import Final

from edgecam.analysis.attention import Episode
from edgecam.analysis.cells import cell_of, foot_of
from edgecam.analysis.civilhour import CivilHour
from edgecam.analysis.habits import BINS, Aspect, Mark, part_of
from edgecam.analysis.track import Track

# The lower edges of the first classes, and how much each next one is above.
SLOWEST_PACE: Final = 0.5  # of its own size a second
PACE_STEP: Final = 1.6
SHORTEST_STAY_S: Final = 60.0
STAY_STEP: Final = 2.0
_HITS_IN_CELL: Final = 2
_STEP_SIZES: Final = 1.0
_STEP_LEAST: Final = 0.02
_STEP_LEAST_S: Final = 0.4
_STEP_MOST_S: Final = 10.0
_STAY_REACH: Final = 0.75
_MOST_MARKS: Final = 128


class Passage:
    """Bounded: 128 marks an hour. ``marks`` has each mark and whether it was rare when it was made.

    ``stands_out`` says that something of it did, ``covered`` that whoever is told was told, ``leads`` what of it
    counts for the calibration.
    """

    def __init__(self, track: Track, hour: CivilHour, kind: int) -> None:
        self.number, self.kind, self.hour = track.number, kind, hour
        self.marks: dict[Mark, bool] = {}
        self.leads: dict[Aspect, Episode] = {}
        self.stands_out = False
        self.covered = False
        self.seen_s = -math.inf
        self.longest_stay_s = 0.0
        self._cell, self._hits = -1, 0
        self._step_from: tuple[float, float, float] | None = None
        self._last_pace: int | None = None
        self._stay_at: tuple[float, float, float] | None = None

    def look(self, track: Track, size: tuple[int, int]) -> list[Mark]:
        """The marks that are new now; ``size`` is the picture's width and height in pixels."""
        if track.seen_s <= self.seen_s:
            return []
        self.seen_s = track.seen_s
        x, y = foot_of(track.box, *size)
        cell = cell_of(x, y)
        made = [*self._presence(cell), *self._step(track, size), *self._stay(track, size)]
        new = [mark for mark in dict.fromkeys(made) if mark not in self.marks]
        return new[: max(0, _MOST_MARKS - len(self.marks))]

    def next_hour(self, hour: CivilHour) -> None:
        """The clock shows another hour: what is made from now on is of that one."""
        self.hour, self.marks = hour, {}

    def _presence(self, cell: int) -> list[Mark]:
        self._hits = self._hits + 1 if cell == self._cell else 1
        self._cell = cell
        if self._hits < _HITS_IN_CELL:
            return []
        return [Mark(Aspect.PRESENCE, self.kind, self.hour.hour, 0, cell)]

    def _step(self, track: Track, size: tuple[int, int]) -> list[Mark]:
        x, y = track.box.foot
        if self._step_from is None:
            self._step_from = x, y, track.seen_s
            return []
        from_x, from_y, from_s = self._step_from
        went, took_s = math.hypot(x - from_x, y - from_y), track.seen_s - from_s
        body = max(track.box.width, track.box.height, 1.0)
        if took_s > _STEP_MOST_S:
            self._step_from, self._last_pace = (x, y, track.seen_s), None
            return []
        if went < max(_STEP_SIZES * body, _STEP_LEAST * size[0]) or took_s < _STEP_LEAST_S:
            return []
        self._step_from = x, y, track.seen_s
        part, at = part_of(self.hour.hour), _cell_between((from_x, from_y), (x, y), size)
        octant = round(math.atan2(y - from_y, x - from_x) / (math.pi / 4)) % 8
        pace = _class_of(went / body / took_s, SLOWEST_PACE, PACE_STEP)
        made = [Mark(Aspect.DIRECTION, self.kind, part, octant, at)]
        if self._last_pace is not None:
            # One step alone may be a box that jumped.
            made.append(Mark(Aspect.PACE, self.kind, part, max(0, min(pace, self._last_pace)), at))
        self._last_pace = pace
        return made

    def _stay(self, track: Track, size: tuple[int, int]) -> list[Mark]:
        x, y = track.box.foot
        if self._stay_at is not None:
            at_x, at_y, since_s = self._stay_at
            if math.hypot(x - at_x, y - at_y) <= _STAY_REACH * max(track.box.width, track.box.height):
                stays_s = track.seen_s - since_s
                self.longest_stay_s = max(self.longest_stay_s, stays_s)
                value = _class_of(stays_s, SHORTEST_STAY_S, STAY_STEP)
                at = _cell_between((at_x, at_y), (at_x, at_y), size)
                return [Mark(Aspect.STAY, self.kind, part_of(self.hour.hour), value, at)] if value >= 0 else []
        self._stay_at = x, y, track.seen_s
        return []


def _cell_between(one: tuple[float, float], other: tuple[float, float], size: tuple[int, int]) -> int:
    x, y = (one[0] + other[0]) / 2 / size[0], (one[1] + other[1]) / 2 / size[1]
    return cell_of(min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0))


def _class_of(value: float, first: float, step: float) -> int:
    """Which class ``value`` lies in; -1 below the first."""
    if value < first:
        return -1
    return min(int(math.log(value / first, step) + 1e-9), BINS - 1)
