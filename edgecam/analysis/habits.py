"""How usual something is here: days on which it was seen, and a rate that stays sober while days are few.

Each fact is a `Mark`: in this cell, at this hour, something of this kind was there, went that way, that fast, or
stayed that long. A mark is seen or not seen on a day, however often: what people keep switched on may not speak
of what comes every day, and a hundred passages in one night are one night.

The rate of a mark is the posterior mean of a Gamma-Poisson model whose prior mean is the rate of a wider
neighbourhood (more cells, more hours, all weekdays), level by level, with the shape fixed: a neighbourhood that
was never used holds its cells down, a busy one does not decide for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edgecam.analysis.cells import CELLS, COLUMNS, ROWS, around_cell
from edgecam.analysis.civilhour import HOURS_A_DAY, CivilHour
from edgecam.analysis.daybook import PAGES, U64, Daybook
from edgecam.core.events import EventKind

KINDS: Final = (EventKind.PERSON, EventKind.VEHICLE, EventKind.BICYCLE, EventKind.ANIMAL)
"""Whose habits are learned and who is counted. What is kept on the medium goes by this order."""
PARTS: Final = ("nights", "mornings", "afternoons", "evenings")
BINS: Final = 8
HALF_LIFE_PAGES: Final = 28
_SHAPE: Final = 0.5
# Where nothing is known: three of eight directions are one sector; few are much faster or stay much longer.
_SECTOR_RATE, _TAIL_RATE = 3 / 8, 0.1
_PRESENCE: Final = len(KINDS) * HOURS_A_DAY * CELLS
_BINNED: Final = len(KINDS) * len(PARTS) * BINS * CELLS
SLOTS: Final = _PRESENCE + 3 * _BINNED
_WEIGHTS: Final[NDArray[np.float64]] = 0.5 ** (np.arange(PAGES) / HALF_LIFE_PAGES)


class Aspect(IntEnum):
    """What a mark is about."""

    PRESENCE = 0
    DIRECTION = 1
    PACE = 2
    STAY = 3


@dataclass(frozen=True, slots=True)
class Mark:
    """``kind`` counts in `KINDS`. ``when`` is the hour of the day for presence, else the part of the day.

    ``bin`` is 0 for presence, an octant (0 is right, 2 down) for direction, else one of eight classes from low
    to high.
    """

    aspect: Aspect
    kind: int
    when: int
    bin: int
    cell: int

    @property
    def slot(self) -> int:
        """Its word in the daybook."""
        if self.aspect == Aspect.PRESENCE:
            return (self.kind * HOURS_A_DAY + self.when) * CELLS + self.cell
        row = (self.kind * len(PARTS) + self.when) * BINS + self.bin
        return _PRESENCE + (self.aspect - 1) * _BINNED + row * CELLS + self.cell

    @classmethod
    def of_slot(cls, slot: int) -> Mark:
        """The mark that `slot` came from."""
        if slot < _PRESENCE:
            row, cell = divmod(slot, CELLS)
            return cls(Aspect.PRESENCE, row // HOURS_A_DAY, row % HOURS_A_DAY, 0, cell)
        aspect, rest = divmod(slot - _PRESENCE, _BINNED)
        row, cell = divmod(rest, CELLS)
        row, value = divmod(row, BINS)
        return cls(Aspect(aspect + 1), row // len(PARTS), row % len(PARTS), value, cell)


def part_of(hour: int) -> int:
    """Which part of the day, as `PARTS` counts them, an hour of the day lies in."""
    return 0 if hour < 6 or hour >= 22 else 1 if hour < 12 else 2 if hour < 18 else 3


@dataclass(frozen=True, slots=True)
class Usualness:
    """``seen_days`` of the ``of_days`` days on which it could be seen."""

    seen_days: int
    of_days: int


class Habits:
    """Reads a daybook as the habits of a place."""

    def __init__(self, book: Daybook) -> None:
        self._book = book
        self._presence = book.words[:_PRESENCE].reshape(len(KINDS), HOURS_A_DAY, ROWS, COLUMNS)
        shape = 3, len(KINDS), len(PARTS), BINS, ROWS, COLUMNS
        self._binned = book.words[_PRESENCE:].reshape(shape)
        self._roots: dict[int, float] = {}

    def turned(self) -> None:
        """The daybook has a new page."""
        self._roots.clear()

    def usualness(self, mark: Mark) -> Usualness:
        """On how many days ``mark``, or nearly it, was seen."""
        if mark.aspect == Aspect.PRESENCE:
            seen = _any(self._presence_near(mark, 1, 1))
            return Usualness(seen.bit_count(), self._book.days_watched(mark.when))
        if mark.aspect == Aspect.DIRECTION:
            there = self._directions(mark)
            return Usualness(_any(there[:, _sector(mark)]).bit_count(), _any(there).bit_count())
        seen, days = self._tail_days(mark)
        return Usualness(seen.bit_count(), days.bit_count())

    def rate(self, mark: Mark, hour: CivilHour) -> float:
        """How likely ``mark`` is on a day, 0-1, as it happens in ``hour``."""
        if mark.aspect == Aspect.PRESENCE:
            return min(self._rate_of_presence(mark, hour), 1.0)
        if mark.aspect == Aspect.DIRECTION:
            return min(self._rate_of_direction(mark), 1.0)
        seen, days = self._tail_days(mark)
        return min(_rate(_TAIL_RATE, _weight_of(seen), _weight_of(days)), 1.0)

    def usual_stay(self, mark: Mark) -> int:
        """The longest class of stay that every second day has, where and when ``mark`` is; -1 for none."""
        days = self._present_days(mark)
        for value in range(BINS - 1, -1, -1):
            if 2 * (_any(self._tail(mark, value)) & days).bit_count() >= days.bit_count() > 0:
                return value
        return -1

    def _rate_of_presence(self, mark: Mark, hour: CivilHour) -> float:
        rate = _rate(self._root(mark.kind), *self._counted(self._presence_near(mark, 2, 3), mark.when, 3))
        rate = _rate(rate, *self._counted(self._presence_near(mark, 1, 1), mark.when, 1))
        rate = _rate(rate, *self._counted(self._presence_near(mark, 0, 0), mark.when, 0))
        watched = int(self._book.watched[mark.when]) & self._book.pages_on(hour.weekday)
        return _rate(rate, _weight_of(int(self._book.words[mark.slot]) & watched), _weight_of(watched))

    def _presence_near(self, mark: Mark, reach: int, hours: int) -> U64:
        rows, columns = around_cell(mark.cell, reach)
        near: U64 = self._presence[mark.kind][_hours(mark.when, hours), rows, columns]
        return near

    def _counted(self, near: U64, hour: int, hours: int) -> tuple[float, float]:
        """Slots of ``near`` (hours, rows, columns) that were seen while watched, and all that were watched."""
        watched = self._book.watched[_hours(hour, hours)]
        seen = near & watched[:, None, None]
        return _weight(seen), _weight(watched) * near.shape[1] * near.shape[2]

    def _root(self, kind: int) -> float:
        if kind not in self._roots:
            seen = _weight(self._presence[kind] & self._book.watched[:, None, None])
            self._roots[kind] = (seen + 0.5) / (_weight(self._book.watched) * CELLS + 1.0)
        return self._roots[kind]

    def _directions(self, mark: Mark) -> U64:
        """``(parts, octants)`` of that kind in that cell."""
        there: U64 = self._binned[0, mark.kind].reshape(len(PARTS), BINS, CELLS)[:, :, mark.cell]
        return there

    def _rate_of_direction(self, mark: Mark) -> float:
        there, sector = self._directions(mark), _sector(mark)
        rate = _rate(_SECTOR_RATE, _weight_of(_any(there[:, sector])), _weight_of(_any(there)))
        return _rate(rate, _weight_of(_any(there[mark.when, sector])), _weight_of(_any(there[mark.when])))

    def _tail_days(self, mark: Mark) -> tuple[int, int]:
        """The pages with somebody at least nearly as fast or as long there, and all with somebody."""
        # One class less already counts, so that the border between two is no surprise; the first is none ever.
        days = self._present_days(mark)
        return (_any(self._tail(mark, mark.bin - 1)) & days if mark.bin else days), days

    def _tail(self, mark: Mark, least: int) -> U64:
        """Who was at least that fast, at any time of day, or stayed at least that long, in this part of it."""
        rows, columns = around_cell(mark.cell, 1)
        parts = slice(None) if mark.aspect == Aspect.PACE else slice(mark.when, mark.when + 1)
        return self._binned[mark.aspect - 1, mark.kind, parts, least:, rows, columns]

    def _present_days(self, mark: Mark) -> int:
        """The pages on which that kind was near."""
        rows, columns = around_cell(mark.cell, 1)
        hours = [hour for hour in range(HOURS_A_DAY) if part_of(hour) == mark.when]
        chosen = slice(None) if mark.aspect == Aspect.PACE else hours
        return _any(self._presence[mark.kind][chosen, rows, columns])


def _sector(mark: Mark) -> list[int]:
    """Three octants, so that what goes along their border is no surprise."""
    return [(mark.bin + turn) % BINS for turn in (-1, 0, 1)]


def _hours(hour: int, reach: int) -> list[int]:
    return [(hour + step) % HOURS_A_DAY for step in range(-reach, reach + 1)]


def _rate(prior: float, seen: float, watched: float) -> float:
    """The posterior mean of a rate with a Gamma prior of mean ``prior`` and fixed shape."""
    return (_SHAPE + seen) / (_SHAPE / prior + watched)


def _any(words: U64) -> int:
    return int(np.bitwise_or.reduce(words, axis=None)) if words.size else 0


def _weight(words: U64) -> float:
    """How many bits are set, newer pages counting more."""
    octets = np.ascontiguousarray(words, "<u8").reshape(-1, 1).view(np.uint8)
    return float(np.unpackbits(octets, axis=1, bitorder="little").sum(axis=0, dtype=np.float64) @ _WEIGHTS)


def _weight_of(word: int) -> float:
    return _weight(np.array([word], "<u8"))
