"""An hour as a clock on the wall beside the camera shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Final

from edgecam.core.clock import NS_PER_S

HOURS_A_DAY: Final = 24
LAST_DAY: Final = date.max.toordinal()


@dataclass(frozen=True, slots=True, order=True)
class CivilHour:
    """``day`` counts dates as `date.toordinal` does (1 is a Monday), ``hour`` is 0-23.

    An hour that the clock shows twice is one hour, and one that it skips never is.
    """

    day: int
    hour: int

    @property
    def weekday(self) -> int:
        """0 is Monday, 6 Sunday."""
        return (self.day - 1) % 7


def civil_time(wall_ns: int, zone: tzinfo) -> datetime | None:
    """``wall_ns`` (since 1970 UTC) as ``zone`` shows it; ``None`` for what no calendar reaches."""
    try:
        return datetime.fromtimestamp(wall_ns // NS_PER_S, zone)
    except (ValueError, OverflowError, OSError):
        return None


def civil_hour(wall_ns: int, zone: tzinfo) -> CivilHour | None:
    """The hour that ``wall_ns`` lies in; ``None`` for what no calendar reaches."""
    moment = civil_time(wall_ns, zone)
    return None if moment is None else CivilHour(moment.toordinal(), moment.hour)
