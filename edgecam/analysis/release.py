"""One day's statistics as they may leave the camera: whole days, no group smaller than the least one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Any, Final

import numpy as np

from edgecam.analysis.civilhour import HOURS_A_DAY, civil_hour
from edgecam.analysis.habits import KINDS
from edgecam.analysis.smallgroups import LEAST_GROUP, Released, released
from edgecam.analysis.tally import F32, HEAT_COLUMNS, HEAT_ROWS, STAY_EDGES_S, DayTally
from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import BadInput
from edgecam.core.events import EventKind

_WRITTEN_AFTER_NS: Final = 3600 * NS_PER_S


def first_open_day(wall_ns: int, zone: tzinfo) -> int | None:
    """The first day that may still be counted on, as `CivilHour` counts; ``None`` for what no calendar reaches.

    A day stays open for an hour after its end, until all of it is surely written.
    """
    hour = civil_hour(wall_ns - _WRITTEN_AFTER_NS, zone)
    return None if hour is None else hour.day


@dataclass(frozen=True, slots=True)
class Busyness:
    """How many of one kind were there in an hour: on average and at once; ``None`` where that is withheld."""

    mean: float | None
    most: int | None


class DayRelease:
    """What may be told of ``tally``."""

    def __init__(self, tally: DayTally, first_open_day: int, least: int = LEAST_GROUP) -> None:
        """``first_open_day`` is as the function of that name tells it.

        Raises: BadInput for a day that is not over, and for a least group below five.
        """
        if tally.day >= first_open_day:
            raise BadInput(
                "a day's statistics leave the camera when the day is over",
                do="name an earlier day; numbers that grow would tell of single people",
            )
        if least < LEAST_GROUP:
            raise BadInput(f"groups of {least} are too small to be told", do=f"choose {LEAST_GROUP} or more")
        self._tally, self.least = tally, least

    @property
    def day(self) -> date:
        return date.fromordinal(self._tally.day)

    @property
    def watched_s(self) -> list[int]:
        """How much of each hour was watched. Seconds."""
        return [round(float(seconds)) for seconds in self._tally.watched_s]

    def counts(self, kind: EventKind) -> Released:
        """Distinct objects of ``kind``, hour by hour."""
        return released(self._tally.counts[:, KINDS.index(kind)].tolist(), self.least)

    def stays(self, kind: EventKind) -> Released:
        """Objects of ``kind`` by how long they stayed, in the classes of ``STAY_EDGES_S``, all day.

        Their sum is that of the counts, so it is withheld with that.
        """
        numbers = self._tally.stays[:, KINDS.index(kind)].sum(axis=0).tolist()
        if self.counts(kind).total is None:
            return Released(tuple(None if number else 0 for number in numbers), None)
        return released(numbers, self.least)

    def busyness(self, kind: EventKind) -> list[Busyness]:
        """Hour by hour; withheld where the count is."""
        column, told = KINDS.index(kind), self.counts(kind).numbers
        busy = []
        for hour in range(HOURS_A_DAY):
            watched_s = float(self._tally.watched_s[hour])
            most = int(self._tally.most[hour, column])
            # One who stayed from the hour before is there and not counted: too few to be told as well.
            if told[hour] is None or watched_s <= 0 or (most and not told[hour]):
                busy.append(Busyness(None, None))
                continue
            mean = round(float(self._tally.present_s[hour, column]) / watched_s, 1)
            busy.append(Busyness(mean, None if 0 < most < self.least else most))
        return busy

    def crossings(self) -> dict[str, tuple[Released, Released]]:
        """By line: in and out, hour by hour."""
        return {
            name: (released(ways[0].tolist(), self.least), released(ways[1].tolist(), self.least))
            for name, ways in self._tally.lines.items()
        }

    def heat_s(self, kind: EventKind, hour: int | None = None) -> F32:
        """``(18, 32)`` seconds on each cell of the ground in ``hour``, or all day.

        A cell that is withheld is as empty as one where nobody was: a row of others would be somebody's path.
        """
        column = KINDS.index(kind)
        visits = self._tally.visits[:, column].reshape(HOURS_A_DAY, -1)
        seconds = self._tally.heat_s[:, column].reshape(HOURS_A_DAY, -1)
        heat = np.zeros(HEAT_ROWS * HEAT_COLUMNS, np.float32)
        for cell in np.flatnonzero(visits.any(axis=0)).tolist():
            told = released(visits[:, cell].tolist(), self.least)
            number = told.total if hour is None else told.numbers[hour]
            there = seconds[:, cell].sum() if hour is None else seconds[hour, cell]
            heat[cell] = 0.0 if number is None else there
        return heat.reshape(HEAT_ROWS, HEAT_COLUMNS)

    def to_dict(self) -> dict[str, Any]:
        """For programs; ``null`` is withheld."""
        return {
            "day": self.day.isoformat(),
            "least_group": self.least,
            "watched_s": self.watched_s,
            "kinds": {str(kind): self._of_kind(kind) for kind in KINDS},
            "lines": {
                name: {"in": _told(inwards), "out": _told(outwards)}
                for name, (inwards, outwards) in self.crossings().items()
            },
        }

    def _of_kind(self, kind: EventKind) -> dict[str, Any]:
        busy = self.busyness(kind)
        return {
            "count": _told(self.counts(kind)),
            "mean_at_once": [hour.mean for hour in busy],
            "most_at_once": [hour.most for hour in busy],
            "stay": {"from_s": list(STAY_EDGES_S), **_told(self.stays(kind))},
        }


def _told(numbers: Released) -> dict[str, Any]:
    return {"numbers": list(numbers.numbers), "total": numbers.total}
