"""How many gaps the last 24 hours had, and how long they were together; a restart of the camera forgets none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from edgecam.core.clock import NS_PER_S, Clock, Instant, TimeTrust
from edgecam.core.errors import DataLoss
from edgecam.custody.register.bookfiles import recent_lines
from edgecam.custody.register.register_line import Act, RegisterLine, decode_line
from edgecam.ringbuffer.format import GapCause
from edgecam.ringbuffer.gaps import Gap

_DAY_NS: Final = 24 * 3600 * NS_PER_S
# Read once, at the start: more gaps than these lines tell of are beyond counting anyway.
_LOOK_BACK_SIZE_BYTES: Final = 512 * 1024
_MOST_GAPS: Final = 2000
_MOST_DIGITS: Final = 20  # of a segment's number
# The segment that ended it, and when by the wall clock: another ring counts its segments anew.
_Name = tuple[int, int]
_REST = GapCause.TIMETABLE.name.lower()


class GapDay:
    """Gaps outside the recording hours do not count. One thread notes, any may ask."""

    def __init__(self, register: Path, clock: Clock) -> None:
        """Takes from ``register`` what it tells of the last day; without it, or without a set clock, nothing."""
        self._clock = clock
        # When each ended, on the clock that cannot jump, and how many seconds it took. Replaced whole.
        self._gaps: dict[_Name, tuple[int, float]] = dict(_registered(register, clock.now()))

    def note(self, gap: Gap) -> None:
        """``gap`` has just ended; told twice, it counts once."""
        name = gap.sequence, gap.to_wall_ns
        if gap.cause is GapCause.TIMETABLE or name in self._gaps:
            return
        now_ns = self._clock.mono_ns()
        kept = {known: told for known, told in self._gaps.items() if now_ns - told[0] < _DAY_NS}
        kept[name] = now_ns, (gap.length_ns or 0) / NS_PER_S
        self._gaps = dict(list(kept.items())[-_MOST_GAPS:])

    def tally(self) -> tuple[int, float]:
        """How many there were, and the seconds they lasted; one of unknown length counts as none of these."""
        since_ns = self._clock.mono_ns() - _DAY_NS
        lengths_s = [length_s for ended_ns, length_s in self._gaps.values() if ended_ns > since_ns]
        return len(lengths_s), sum(lengths_s)


def _registered(register: Path, now: Instant) -> Iterator[tuple[_Name, tuple[int, float]]]:
    if now.trust is TimeTrust.UNSET:
        return
    for line in _last_lines(register):
        ended_wall_ns = line.to_wall_ns or 0
        if line.act is not Act.GAP or line.detail.get("cause") == _REST:
            continue
        segment = line.detail.get("segment", "")
        age_ns = now.wall_ns - ended_wall_ns
        if segment.isdecimal() and len(segment) <= _MOST_DIGITS and 0 <= age_ns < _DAY_NS:
            yield (int(segment), ended_wall_ns), (now.mono_ns - age_ns, _seconds(line.detail.get("length_s", "")))


def _seconds(told: str) -> float:
    """0 for a length that is not known."""
    whole, _, part = told.partition(".")
    return float(told) if whole.isdecimal() and part.isdecimal() and len(whole) <= _MOST_DIGITS else 0.0


def _last_lines(register: Path) -> Iterator[RegisterLine]:
    # No register yet, or one that cannot be read, is told by whoever writes to it.
    for line in recent_lines(register, _LOOK_BACK_SIZE_BYTES):
        if b'"gap"' not in line:
            continue
        try:
            yield decode_line(line)
        except DataLoss:
            continue
