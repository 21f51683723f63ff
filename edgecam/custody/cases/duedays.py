"""Days as people count them: until when somebody is to be answered, and until when something is kept.

Both end with the last nanosecond of a civil day, so that whoever writes down the moment writes down that day.
A clock that was never set knows no day: then there is no end, and whoever asks says so.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.zone import zone_named
from edgecam.ringbuffer.retention import end_of_days

_FISCAL_MONTH = 4


def due_after(asked: Instant, days: int, zone: str) -> int | None:
    """The last nanosecond of the ``days``-th civil day in ``zone`` after the one of ``asked``.

    Asked on the 3rd with ten days, it is the end of the 13th. ``None`` by a clock that was never set.
    Raises: BadInput for an unknown zone.
    """
    if asked.trust is TimeTrust.UNSET:
        return None
    found = zone_named(zone)
    return _last_of(_day_of(asked.wall_ns, found), days, found)


def kept_until(moment: Instant, years: int, zone: str) -> int | None:
    """The end of ``years`` years that begin with the first 1 April in ``zone`` after the day of ``moment``.

    The last nanosecond of a 31 March; of the 31 March before that 1 April where ``years`` is 0. ``None`` by a clock
    that was never set. Raises: as `due_after`.
    """
    if moment.trust is TimeTrust.UNSET:
        return None
    return kept_through(fiscal_year(moment.wall_ns, zone), years, zone)


def kept_through(year: int, years: int, zone: str) -> int:
    """The same for what is of the fiscal year that began in ``year``. Raises: as `due_after`."""
    return _last_of(date(year + 1 + years, _FISCAL_MONTH - 1, 31), 0, zone_named(zone))


def fiscal_year(wall_ns: int, zone: str) -> int:
    """The year in whose April the fiscal year of that day began. Raises: as `due_after`."""
    day = _day_of(wall_ns, zone_named(zone))
    return day.year if day.month >= _FISCAL_MONTH else day.year - 1


def is_past(due_wall_ns: int | None, now: Instant) -> bool:
    """Whether that moment has passed; never where there is none, or ``now`` is of a clock that was never set."""
    return due_wall_ns is not None and now.trust is not TimeTrust.UNSET and now.wall_ns > due_wall_ns


def _last_of(day: date, days: int, zone: ZoneInfo) -> int:
    return end_of_days(day, days, zone) * NS_PER_S - 1


def _day_of(wall_ns: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(wall_ns // NS_PER_S, UTC).astimezone(zone).date()
