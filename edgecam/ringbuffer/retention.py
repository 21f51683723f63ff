"""How long the policy has footage live, counted the way its source says; sources are in ``docs/design/plan.md``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import BadInput
from edgecam.core.zone import zone_named

NS_PER_DAY = 86_400 * NS_PER_S
_MAX_DAYS = 3650.0
_HALF_DAY = timedelta(hours=12)


@dataclass(frozen=True)
class Retention:
    """At most ``days``, at least ``floor_days``.

    ``days`` are of 24 hours from the moment of recording; or, with ``zone`` (an IANA name), whole civil days there,
    counted from the day after the one of recording. ``floor_days`` are always of 24 hours; ``None``: no less than
    the ceiling gives.
    """

    days: float
    zone: str | None = None
    floor_days: float | None = None

    def __post_init__(self) -> None:
        """Raises: BadInput for a length or a zone that cannot be."""
        if not 0 < self.days <= _MAX_DAYS:
            raise BadInput(
                f"a retention of {self.days} days is not possible", do=f"choose up to {_MAX_DAYS:.0f} days"
            )
        if self.zone is not None and self.days != int(self.days):
            raise BadInput(f"civil days are whole, not {self.days}", do="choose a whole number of days")
        if self.floor_days is not None and not 0 < self.floor_days <= self.days:
            raise BadInput(
                f"footage cannot live at least {self.floor_days} and at most {self.days} days",
                do="choose a floor that is not above the days",
            )
        _ = self._zone  # an unknown one is refused now rather than on the first erasure

    @property
    def longest_ns(self) -> int:
        """No footage lives longer than this, whenever on a day it was recorded."""
        # One day for the day of recording itself, an hour and a half for changes of the clocks.
        spare_ns = NS_PER_DAY + NS_PER_DAY // 16 if self.zone else 0
        return round(self.days * NS_PER_DAY) + spare_ns

    @property
    def shortest_ns(self) -> int:
        """All footage may live at least this long."""
        return round(self.days * NS_PER_DAY) - (NS_PER_DAY // 16 if self.zone else 0)

    @property
    def floor_ns(self) -> int:
        """Footage must live at least this long."""
        return self.shortest_ns if self.floor_days is None else round(self.floor_days * NS_PER_DAY)

    def life_ns(self, start_wall_ns: int | None) -> int:
        """How long footage recorded at ``start_wall_ns`` lives; the longest where that moment is not known."""
        if self._zone is None:
            return round(self.days * NS_PER_DAY)
        if start_wall_ns is None:
            return self.longest_ns
        return self.due_wall_ns(start_wall_ns) - start_wall_ns

    def due_wall_ns(self, start_wall_ns: int) -> int:
        """The wall time at which footage recorded at ``start_wall_ns`` must be gone."""
        if self._zone is None:
            return start_wall_ns + round(self.days * NS_PER_DAY)
        recorded = datetime.fromtimestamp(start_wall_ns // NS_PER_S, UTC).astimezone(self._zone).date()
        return end_of_days(recorded, int(self.days), self._zone) * NS_PER_S

    def same_day(self, one_wall_ns: int, other_wall_ns: int) -> bool:
        """Whether footage of both moments is due at once; always so where no civil days are counted."""
        return self._zone is None or self.due_wall_ns(one_wall_ns) == self.due_wall_ns(other_wall_ns)

    @cached_property
    def _zone(self) -> ZoneInfo | None:
        return None if self.zone is None else zone_named(self.zone)


@lru_cache(maxsize=64)
def end_of_days(recorded: date, days: int, zone: ZoneInfo) -> int:
    """Seconds since 1970 at the end of ``days`` whole civil days after the day ``recorded``: a midnight.

    A midnight that does not exist is the moment at which the clocks were changed; of one that comes twice, the
    first.
    """
    due = recorded + timedelta(days=days + 1)
    if abs(_offset(due, zone) - _offset(recorded, zone)) > _HALF_DAY:
        # A zone that crossed the date line has left a day out, and a day that never was is no day to live.
        due = recorded
        for _ in range(days + 1):
            due = _next_day(due, zone)
    return int(datetime.combine(due, time(), zone).timestamp())


def _next_day(day: date, zone: ZoneInfo) -> date:
    following = day + timedelta(days=1)
    noon = datetime.combine(following, time(12), zone)
    exists = noon.astimezone(UTC).astimezone(zone).date() == following
    return following if exists else following + timedelta(days=1)


def _offset(day: date, zone: ZoneInfo) -> timedelta:
    return datetime.combine(day, time(12), zone).utcoffset() or timedelta()


PRESETS = {
    "kumagaya": Retention(14),
    "inzai": Retention(20, "Asia/Tokyo", floor_days=14),
    "gwangju": Retention(15),
    "daejeon": Retention(30),
}
