"""Statistics without identity: how many, how long, where, which way; no picture, and no track outlives its end."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Final

import numpy as np

from edgecam.analysis.cells import foot_of
from edgecam.analysis.civilhour import CivilHour, civil_hour
from edgecam.analysis.finding import Finding
from edgecam.analysis.habits import KINDS
from edgecam.analysis.line import Line
from edgecam.analysis.look import Look
from edgecam.analysis.tally import HEAT_COLUMNS, HEAT_ROWS, STAY_EDGES_S, DayTally
from edgecam.analysis.track import Track

_LONGEST_STEP_S: Final = 2.0
_STILL_THERE_S: Final = 1.5
_MOST_DAYS: Final = 3


@dataclass(slots=True)
class _Presence:
    """What is known of one live track; gone with it."""

    kind: int
    hour: CivilHour
    first_s: float
    seen_s: float
    foot: tuple[float, float]
    cells: int = 0
    net: dict[str, int] = field(default_factory=dict)


class Statistics:
    """Counts by local time, so it counts nothing while the clock is not set (`at_trust`); finds nothing.

    Keeps what came since it was last saved, of three days at most: whoever saves adds `unsaved` to what lies on
    the medium and then calls `saved`. About 0.5 MB a day.
    """

    def __init__(self, zone: tzinfo, lines: Sequence[Line] = ()) -> None:
        """``lines`` are normalised; whoever ends on another side than they began went in (left to right) or out."""
        self.zone, self._lines = zone, tuple(lines)
        self._trust = 0
        self._days: dict[int, DayTally] = {}
        self._present: dict[int, _Presence] = {}

    def at_trust(self, trust: int) -> None:
        """How far the wall clock of the looks to come is believed; 0 is not at all."""
        self._trust = trust

    @property
    def unsaved(self) -> list[DayTally]:
        """What was counted since `saved`, one tally a day."""
        return list(self._days.values())

    def saved(self, day: int) -> None:
        """What `unsaved` gave of ``day`` is kept elsewhere."""
        self._days.pop(day, None)

    def observe(self, look: Look) -> list[Finding]:
        """Count one look. Never finds anything."""
        hour = civil_hour(look.wall_ns, self.zone) if self._trust else None
        if hour is None:
            self._present.clear()
            return []
        live = {track.number: track for track in look.tracks if track.confirmed and track.kind in KINDS}
        for number in [number for number in self._present if number not in live]:
            self._end(self._present.pop(number))
        tally, step_s = self._tally(hour.day), min(max(look.elapsed_s, 0.0), _LONGEST_STEP_S)
        tally.watched_s[hour.hour] += step_s
        here = [0] * len(KINDS)
        for track in live.values():
            if look.now_s - track.seen_s <= _STILL_THERE_S:
                presence = self._follow(track, hour, (look.picture.width, look.picture.height), tally)
                here[presence.kind] += 1
                self._warm(presence, hour, step_s, tally)
        np.maximum(tally.most[hour.hour], np.array(here, "<u4"), out=tally.most[hour.hour])
        tally.present_s[hour.hour] += np.array(here, "<f4") * step_s
        return []

    def forget(self, wall_ns: int) -> list[Finding]:
        """End every track; what was counted stays. Never finds anything."""
        for presence in self._present.values():
            self._end(presence)
        self._present.clear()
        return []

    def _tally(self, day: int) -> DayTally:
        if day not in self._days:
            while len(self._days) >= _MOST_DAYS:
                del self._days[next(iter(self._days))]
            self._days[day] = DayTally.begin(day, [line.name for line in self._lines])
        return self._days[day]

    def _follow(self, track: Track, hour: CivilHour, size: tuple[int, int], tally: DayTally) -> _Presence:
        foot = foot_of(track.box, *size)
        presence = self._present.get(track.number)
        if presence is None:
            kind = KINDS.index(track.kind)
            presence = self._present[track.number] = _Presence(kind, hour, track.first_s, track.seen_s, foot)
            tally.counts[hour.hour, kind] += 1
        for line in self._lines:
            if net := line.crossings(presence.foot, foot):
                presence.net[line.name] = presence.net.get(line.name, 0) + net
        presence.foot, presence.seen_s = foot, track.seen_s
        return presence

    def _warm(self, presence: _Presence, hour: CivilHour, step_s: float, tally: DayTally) -> None:
        if presence.hour != hour:
            # Whoever is still there is one of the next hour's visitors on the ground, and no new object.
            presence.hour, presence.cells = hour, 0
        x, y = presence.foot
        row, column = min(int(y * HEAT_ROWS), HEAT_ROWS - 1), min(int(x * HEAT_COLUMNS), HEAT_COLUMNS - 1)
        tally.heat_s[hour.hour, presence.kind, row, column] += step_s
        bit = 1 << (row * HEAT_COLUMNS + column)
        if not presence.cells & bit:
            presence.cells |= bit
            tally.visits[hour.hour, presence.kind, row, column] += 1

    def _end(self, presence: _Presence) -> None:
        tally, hour = self._tally(presence.hour.day), presence.hour.hour
        stayed_s = max(0.0, presence.seen_s - presence.first_s)
        tally.stays[hour, presence.kind, bisect_right(STAY_EDGES_S, stayed_s) - 1] += 1
        for name, net in presence.net.items():
            if net and name in tally.lines:
                tally.lines[name][0 if net > 0 else 1, hour] += 1
