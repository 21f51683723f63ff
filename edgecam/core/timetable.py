"""Hours of the week, as a clock on the wall there reads them: when the camera films, when a rule holds; pure.

An entry is days and hours: ``mon-fri 07:00-19:00``, ``sat 22:00-06:00`` (until Sunday morning), ``daily
00:00-24:00``. Days are ``mon`` to ``sun``, ranges of them (``fri-mon`` goes round), lists of either
(``mon,wed-fri``) or ``daily``. Whether a moment is inside depends on nothing but what that clock shows then: an
hour that it shows twice is inside twice, and one that it skips is not missed.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import BadInput

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MINUTES_A_DAY = 24 * 60
_MINUTES_A_WEEK = 7 * _MINUTES_A_DAY
_ENTRY = re.compile(r"([a-z,-]+) +([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})", re.ASCII)
_ALLOWED = 'write days and hours such as "mon-fri 07:00-19:00", "sat 22:00-06:00" or "daily 00:00-24:00"'
# A clock is looked at this often for a change of its offset; none there is has changed twice within it.
_STRIDE_S = 3600
# A week shows every boundary once; changes of the clocks may hide one, so a day more.
_AHEAD_S = 8 * 86_400
# No calendar reaches further than these; a wall clock that claims so was never set.
_EARLIEST_S, _LATEST_S = -2_000_000_000, 64_000_000_000


@dataclass(frozen=True, slots=True)
class Timetable:
    """``open_minutes`` are the open stretches in minutes of the week (Monday 00:00 is 0), apart and in order.

    Without any, it is always open. Wall times are nanoseconds since 1970 UTC.
    """

    zone: ZoneInfo
    open_minutes: tuple[tuple[int, int], ...] = ()

    @classmethod
    def parse(cls, hours: Sequence[str], zone: str) -> Timetable:
        """The timetable of the entries ``hours`` in the IANA zone ``zone``. Raises: BadInput."""
        try:
            where = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
            raise BadInput(f"there is no time zone {zone!r}", do="use an IANA name such as Asia/Tokyo") from unknown
        return cls(where, tuple(_united(piece for entry in hours for piece in _pieces(entry))))

    def is_open(self, wall_ns: int) -> bool:
        """Whether ``wall_ns`` is inside the hours."""
        return self._shows_open(_seconds(wall_ns))

    def next_change(self, wall_ns: int) -> int | None:
        """The first moment after ``wall_ns`` at which the hours begin or end; ``None`` when they never do."""
        now_s = _seconds(wall_ns)
        open_now = self._shows_open(now_s)
        for begin_s, end_s in self._steady(now_s):
            # The clock moves evenly in here, so only its start and the timetable's own minutes can change anything.
            shown = self._minute_of_week(begin_s)
            minute_began_s = begin_s - self._local(begin_s).second
            starts = [begin_s, *(minute_began_s + 60 * ahead for ahead in self._boundaries_after(shown))]
            for start_s in starts:
                if now_s < start_s < end_s and self._shows_open(start_s) is not open_now:
                    return start_s * NS_PER_S
        return None

    def is_closed_throughout(self, from_wall_ns: int, to_wall_ns: int) -> bool:
        """Whether no moment from ``from_wall_ns`` to before ``to_wall_ns`` is inside the hours."""
        if self.is_open(from_wall_ns):
            return False
        change = self.next_change(from_wall_ns)
        return change is None or change >= to_wall_ns

    def _shows_open(self, moment_s: int) -> bool:
        if not self.open_minutes:
            return True
        minute = self._minute_of_week(moment_s)
        at = bisect_right(self.open_minutes, (minute, _MINUTES_A_WEEK)) - 1
        return at >= 0 and minute < self.open_minutes[at][1]

    def _minute_of_week(self, moment_s: int) -> int:
        shown = self._local(moment_s)
        return shown.weekday() * _MINUTES_A_DAY + shown.hour * 60 + shown.minute

    def _local(self, moment_s: int) -> datetime:
        return datetime.fromtimestamp(moment_s, UTC).astimezone(self.zone)

    def _boundaries_after(self, minute: int) -> list[int]:
        """How many minutes after ``minute`` of the week each stretch begins and ends next, nearest first."""
        edges = {edge for stretch in self.open_minutes for edge in stretch}
        ahead = {(edge - minute) % _MINUTES_A_WEEK for edge in edges}
        return sorted(ahead | {_MINUTES_A_WEEK + one for one in ahead})

    def _steady(self, from_s: int) -> Iterator[tuple[int, int]]:
        """The pieces of the time from ``from_s`` on in which the zone's offset stays the same."""
        begin_s, offset = from_s, self._offset(from_s)
        for look_s in range(from_s + _STRIDE_S, from_s + _AHEAD_S + _STRIDE_S, _STRIDE_S):
            if self._offset(look_s) != offset:
                changed_s = self._changed(look_s - _STRIDE_S, look_s)
                yield begin_s, changed_s
                begin_s, offset = changed_s, self._offset(changed_s)
        yield begin_s, from_s + _AHEAD_S

    def _changed(self, before_s: int, after_s: int) -> int:
        """The first second with the offset that ``after_s`` has, where ``before_s`` has another."""
        offset = self._offset(after_s)
        while after_s - before_s > 1:
            middle_s = (before_s + after_s) // 2
            if self._offset(middle_s) == offset:
                after_s = middle_s
            else:
                before_s = middle_s
        return after_s

    def _offset(self, moment_s: int) -> timedelta | None:
        return self._local(moment_s).utcoffset()


def _seconds(wall_ns: int) -> int:
    return max(_EARLIEST_S, min(_LATEST_S, wall_ns // NS_PER_S))


def _pieces(entry: str) -> Iterator[tuple[int, int]]:
    """The open stretches that one entry names, none of them across the end of the week."""
    matched = _ENTRY.fullmatch(entry.strip().lower())
    if matched is None:
        raise _refused(entry)
    days, *digits = matched.groups()
    opens_hour, opens_minute, closes_hour, closes_minute = map(int, digits)
    opens, closes = opens_hour * 60 + opens_minute, closes_hour * 60 + closes_minute
    if max(opens_minute, closes_minute) > 59 or opens >= _MINUTES_A_DAY or closes > _MINUTES_A_DAY:
        raise _refused(entry)
    if opens == closes:
        raise BadInput(f"{entry!r} begins and ends at once", do="write 00:00-24:00 for the whole day")
    lasts = (closes - opens) % _MINUTES_A_DAY or _MINUTES_A_DAY
    for day in _named(days, entry):
        begin = day * _MINUTES_A_DAY + opens
        end = begin + lasts
        yield begin, min(end, _MINUTES_A_WEEK)
        if end > _MINUTES_A_WEEK:
            yield 0, end - _MINUTES_A_WEEK


def _named(days: str, entry: str) -> Iterator[int]:
    """The numbers (Monday is 0) of the days that ``days`` names."""
    if days == "daily":
        yield from range(7)
        return
    for part in days.split(","):
        first, dash, last = part.partition("-")
        if first not in _DAYS or (dash and last not in _DAYS):
            raise _refused(entry)
        begin, end = _DAYS.index(first), _DAYS.index(last if dash else first)
        yield from (day % 7 for day in range(begin, end + 1 if end >= begin else end + 8))


def _united(pieces: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The same minutes as stretches in order that do not touch."""
    growing: tuple[int, int] | None = None
    for begin, end in sorted(pieces):
        if growing is not None and begin <= growing[1]:
            growing = growing[0], max(growing[1], end)
            continue
        if growing is not None:
            yield growing
        growing = begin, end
    if growing is not None:
        yield growing


def _refused(entry: str) -> BadInput:
    return BadInput(f"{entry!r} names no hours", do=_ALLOWED)
