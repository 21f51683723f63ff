"""Moments as papers write them: in the language's order, in the camera's zone, with the Japanese era if asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.custody.paper.paperwords import words_of

_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
# First days of the eras that footage can be of.
_ERAS = ((date(2019, 5, 1), "令和", 2018), (date(1989, 1, 8), "平成", 1988))
_LAST = datetime.max.replace(tzinfo=UTC).timestamp() - 2 * 86_400


@dataclass(frozen=True, slots=True)
class Moments:
    """How ``language`` writes moments of ``zone``. What is ``None`` is room to write it by hand."""

    language: str
    zone: ZoneInfo

    def day(self, wall_ns: int | None) -> str:
        return self._said("day", "no_day", wall_ns)

    def moment(self, wall_ns: int | None) -> str:
        return self._said("moment", "no_moment", wall_ns)

    def era_day(self, wall_ns: int | None) -> str:
        """As `day`, with the year of the era where the language counts in eras."""
        return self._said("day", "no_era_day", wall_ns, eras=True)

    def era_moment(self, wall_ns: int | None) -> str:
        return self._said("moment", "no_era_moment", wall_ns, eras=True)

    def brief(self, wall_ns: int) -> str:
        """For a narrow column, in every language: ``2026-11-22 14:05``."""
        return f"{self._civil(wall_ns):%Y-%m-%d %H:%M}"

    def brief_day(self, wall_ns: int) -> str:
        return f"{self._civil(wall_ns):%Y-%m-%d}"

    def told(self, moment: Instant) -> str:
        """`moment`, marked where the clock was not synchronised."""
        said = self.moment(moment.wall_ns)
        return said if moment.trust is TimeTrust.SYNCED else f"{said} ({words_of(self.language)['untrusted']})"

    def day_of(self, day: date) -> str:
        """A civil day."""
        return self._formed("day", datetime(day.year, day.month, day.day), eras=False)

    def _said(self, form: str, blank: str, wall_ns: int | None, eras: bool = False) -> str:
        if wall_ns is None:
            return str(words_of(self.language)["dates"][blank])
        return self._formed(form, self._civil(wall_ns), eras)

    def _formed(self, form: str, civil: datetime, eras: bool) -> str:
        words = words_of(self.language)["dates"]
        year = _era_year(civil.date()) if eras and words["eras"] else str(civil.year)
        said: str = words[form].format(
            y=year, m=civil.month, month=_MONTHS[civil.month - 1], d=civil.day, H=f"{civil:%H}", M=f"{civil:%M}"
        )
        return said

    def _civil(self, wall_ns: int) -> datetime:
        # A clock that was never right may say anything; a paper is printed all the same.
        seconds = min(max(wall_ns / NS_PER_S, 0), _LAST)
        return datetime.fromtimestamp(seconds, UTC).astimezone(self.zone)


def _era_year(day: date) -> str:
    for begun, name, before in _ERAS:
        if day >= begun:
            year = day.year - before
            return f"{name}{'元' if year == 1 else year}"
    return str(day.year)
