"""The interruptions of a ring's footage, each with its length and cause, and the one that still lasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from edgecam.core.clock import NS_PER_S, Instant
from edgecam.core.status import RecorderStatus
from edgecam.ringbuffer.format import GapCause
from edgecam.ringbuffer.stretches import Stretch

# The segment that is being recorded is not committed yet: so long it is nobody's gap.
_OPEN_NS = 10 * NS_PER_S
_BEGINNING = ("", GapCause.FIRST_START.name.lower())
_TOLD_BY_FAULT = {"source_lost": "source_lost", "encoder": "encoder", "medium": "medium", "ring": "medium"}


@dataclass(frozen=True, slots=True)
class Interruption:
    """Time without footage; where no clock can tell ``length_ns`` it is ``None``, and ``from_wall_ns`` is void.

    ``cause`` is a gap cause in lower case, ``damaged`` for footage that was recorded and cannot be found any more,
    or ``not_recording`` for a gap that ``lasts`` and that nobody explains.
    """

    from_wall_ns: int
    to_wall_ns: int
    length_ns: int | None
    cause: str
    lasts: bool = False


def interruptions(stretches: Sequence[Stretch]) -> list[Interruption]:
    """The gaps before ``stretches`` (all of a ring's, in order); where its footage begins is none."""
    found: list[Interruption] = []
    if stretches and stretches[0].gap_cause not in _BEGINNING:
        # What was before it is erased, and was there.
        found.append(_before(stretches[0]))
    for earlier, later in pairwise(stretches):
        if later.gap_cause not in _BEGINNING:
            found.append(_before(later))
        elif later.first_sequence != earlier.last_sequence + 1:
            length_ns = max(0, later.start_wall_ns - earlier.end_wall_ns)
            found.append(Interruption(later.start_wall_ns - length_ns, later.start_wall_ns, length_ns, "damaged"))
    return found


def lasting(
    stretches: Sequence[Stretch], said: RecorderStatus | None, now: Instant, *, planned: bool
) -> Interruption | None:
    """The gap that lasts now, or ``None`` while footage goes on or there never was any.

    ``said`` is the status of a recorder that runs, ``planned`` whether the last one left a note of its stop.
    """
    if not stretches or (said is not None and said.recording):
        return None
    since_ns = stretches[-1].end_wall_ns
    # A clock that was set back since knows no length.
    length_ns = now.wall_ns - since_ns if now.trust and now.wall_ns >= since_ns else None
    if length_ns is not None and length_ns < _OPEN_NS:
        return None
    return Interruption(since_ns, now.wall_ns, length_ns, _why_not(said, planned), lasts=True)


def _before(stretch: Stretch) -> Interruption:
    start = stretch.start_wall_ns
    return Interruption(start - stretch.gap_ns, start, stretch.gap_ns or None, stretch.gap_cause)


def _why_not(said: RecorderStatus | None, planned: bool) -> str:
    if said is None:
        return "planned_stop" if planned else "not_recording"
    if said.resting:
        return "timetable"
    causes = (_TOLD_BY_FAULT.get(fault.code) for fault in said.faults)
    return next((cause for cause in causes if cause), "not_recording")
