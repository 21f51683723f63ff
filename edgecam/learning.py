"""What the observer learns and counts beside its events, and where that is kept over restarts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from edgecam.analysis.area import Area
from edgecam.analysis.normality import NormalityJudge
from edgecam.analysis.rule import RuleBook
from edgecam.analysis.statistics import Statistics
from edgecam.analysis.zone import Zone
from edgecam.core.clock import Clock, Instant
from edgecam.core.status import Fault
from edgecam.core.timetable import Timetable
from edgecam.daytallies import DayTallies
from edgecam.habitfile import HabitFile
from edgecam.places import Places
from edgecam.settings import Settings
from edgecam.tallywriter import TallyWriter

_RASTER: Final = (320, 180)


class Learning:
    """``normality`` and ``statistics`` are for the analyser; ``None`` where the owner switched them off."""

    def __init__(self, settings: Settings, book: RuleBook, places: Places, clock: Clock) -> None:
        """Statistics count over the lines of ``book``, and its zones tell where something was unusual.

        Raises: BadInput for an unknown time zone.
        """
        chosen, zone = settings.analysis, Timetable.parse((), settings.retention.timezone).zone
        self.normality = None
        if chosen.unusual:
            self.normality = NormalityJudge(zone, chosen.learning_days, _namer(book.zones))
        self.statistics = Statistics(zone, book.lines) if chosen.statistics else None
        now_ns = clock.mono_ns()
        self._habits = HabitFile(places.habits, self.normality, now_ns) if self.normality else None
        tallies = DayTallies(places.statistics)
        self._tallies = TallyWriter(self.statistics, tallies, now_ns) if self.statistics else None

    def keep(self, now: Instant, *, due: bool = False) -> None:
        """Write what was learned and counted, when it is time for it or ``due``."""
        if self._habits is not None:
            self._habits.keep(now.mono_ns, due=due)
        if self._tallies is not None:
            self._tallies.keep(now, due=due)

    @property
    def progress(self) -> str:
        """How far it is known what is usual at this hour; empty where nobody wants to know."""
        return self.normality.progress if self.normality else ""

    @property
    def faults(self) -> list[Fault]:
        """What cannot be read or kept."""
        told = (self._habits.fault if self._habits else None, self._tallies.fault if self._tallies else None)
        return [fault for fault in told if fault is not None]


def _namer(zones: Sequence[Zone]) -> Callable[[float, float], str | None]:
    """Tells the name of the zone at a point in shares of the picture."""
    areas = [Area(zone, _RASTER) for zone in zones]

    def name(x: float, y: float) -> str | None:
        at = x * _RASTER[0], y * _RASTER[1]
        return next((area.name for area in areas if area.depth(*at) >= 0), None)

    return name
