"""Why there is no footage between two segments, and for how long there was none: one table, pure.

``docs/design/continuity.md`` explains each row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.ringbuffer.format import GapCause, SegmentHeader

# Shorter than this between two segments is jitter, not a gap.
GAP_FROM_S = 0.25
# The camera's own time to start: so much of a gap beside the hours is still the hours'.
_START_NS = 15 * NS_PER_S
# Whether nothing was to be recorded from one wall time to another.
Rests = Callable[[int, int], bool]


@dataclass(frozen=True, slots=True)
class Gap:
    """Time without footage, ended by segment ``sequence``; ``length_ns`` is ``None`` where no clock can tell it.

    ``to_wall_ns`` is when footage began again, ``from_wall_ns`` that less the length.
    """

    from_wall_ns: int
    to_wall_ns: int
    length_ns: int | None
    cause: GapCause
    sequence: int


def gap_before(
    last: SegmentHeader, start: Instant, told: GapCause, slept_ns: int, rests: Rests
) -> tuple[int, GapCause]:
    """What a segment's header says of the time between ``last`` and ``start``; (0, NONE) when nothing is missing.

    ``told`` is what interrupted the footage, as far as anybody noticed; ``slept_ns`` how long the machine slept
    about then. A length of 0 with a cause means that nobody knows it.
    """
    length_ns = length_between(last, start)
    same_boot = last.boot_id == start.boot_id
    if same_boot and told is GapCause.NONE and (length_ns or 0) < GAP_FROM_S * NS_PER_S:
        return 0, GapCause.NONE
    return length_ns or 0, _cause(last, start, length_ns, told, slept_ns, rests)


def gap_before_all(told: GapCause, was_used: bool) -> tuple[int, GapCause]:
    """The same for the first segment of a ring that holds none; ``was_used`` says that there were some once."""
    if not was_used:
        return 0, GapCause.FIRST_START
    # All of it came of age meanwhile, and took with it when it ended and in which boot.
    return 0, GapCause.UNKNOWN if told in (GapCause.NONE, GapCause.RESTART) else told


def length_between(last: SegmentHeader, start: Instant) -> int | None:
    """Nanoseconds from the end of ``last`` to ``start``: by the boot clock where one boot saw both, else by the
    wall clock, if both sides had one and they do not contradict each other.
    """
    if last.boot_id == start.boot_id:
        # A gap is never told as long as nothing, for that would mean "not known".
        return max(1, start.mono_ns - last.start_mono_ns - last.duration_ns)
    if TimeTrust.UNSET in (last.trust, start.trust) or start.wall_ns <= last.end_wall_ns:
        return None
    return start.wall_ns - last.end_wall_ns


def gap_of(header: SegmentHeader) -> Gap | None:
    """The gap that ``header`` tells of; ``None`` when there is none, or it is the first segment ever."""
    if header.gap_cause in (GapCause.NONE, GapCause.FIRST_START):
        return None
    start = header.start_wall_ns
    return Gap(start - header.gap_ns, start, header.gap_ns or None, header.gap_cause, header.sequence)


def _cause(
    last: SegmentHeader, start: Instant, length_ns: int | None, told: GapCause, slept_ns: int, rests: Rests
) -> GapCause:
    if length_ns is not None and _was_rest(start, length_ns, rests):
        return GapCause.TIMETABLE
    if last.boot_id != start.boot_id:
        # Nobody stopped it cleanly, and the machine started anew.
        return GapCause.POWER if told in (GapCause.NONE, GapCause.RESTART) else told
    if length_ns is not None and 2 * slept_ns >= length_ns:
        return GapCause.SUSPENDED
    # By elimination: frames came, and were dropped because something was too slow for them.
    return GapCause.OVERLOAD if told is GapCause.NONE else told


def _was_rest(start: Instant, length_ns: int, rests: Rests) -> bool:
    """Whether the whole gap, but for the time that starting takes, lay outside the recording hours."""
    if start.trust is TimeTrust.UNSET or length_ns <= 2 * _START_NS:
        return False
    return rests(start.wall_ns - length_ns + _START_NS, start.wall_ns - _START_NS)
