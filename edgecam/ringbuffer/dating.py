"""When the footage of each live epoch was most likely recorded, and when its time is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edgecam.core.clock import NS_PER_S, Instant
from edgecam.ringbuffer.chronology import date
from edgecam.ringbuffer.format import EPOCH_DURATION_NS, EpochSlot, SegmentHeader
from edgecam.ringbuffer.retention import Retention

# Clocks are set right by less than this all the time; that makes no other time of it.
JITTER_NS = NS_PER_S
# An epoch ends when the wall clock steps; a second of drift and of the last step are let through.
_MAX_EPOCH_WALL_NS = EPOCH_DURATION_NS + 2 * NS_PER_S


@dataclass(frozen=True, slots=True)
class DatedEpoch:
    """An epoch and the wall time, in nanoseconds since 1970, at which it most likely began.

    ``redated`` says that this is another time than the one recorded. ``due_mono_ns`` is the boot time at which its
    life is over, in the boot in which it was dated; ``None`` where nobody said how long it may live.
    """

    slot: EpochSlot
    start_wall_ns: int
    redated: bool
    due_mono_ns: int | None

    def moment_of(self, header: SegmentHeader) -> int:
        """The wall time at which the segment of ``header``, one of this epoch, most likely began."""
        by_boot_clock_ns = self.start_wall_ns + header.start_mono_ns - self.slot.start.mono_ns
        # An epoch that a step began lasts a minute, also when the clock steps again in it.
        leapt = abs(header.start_wall_ns - by_boot_clock_ns) > JITTER_NS
        return by_boot_clock_ns if self.redated or leapt else header.start_wall_ns

    def mono_of(self, wall_ns: int | None) -> int | None:
        """A boot time at or before that at which it was ``wall_ns``; ``None`` without a bound."""
        if wall_ns is None:
            return None
        return self.slot.start.mono_ns + wall_ns - self.start_wall_ns - 2 * JITTER_NS

    def touches(self, from_wall_ns: int | None, to_wall_ns: int | None) -> bool:
        """Whether it can hold footage of the range; ``None`` means without a bound."""
        return (to_wall_ns is None or self.start_wall_ns < to_wall_ns) and (
            from_wall_ns is None or self.start_wall_ns + _MAX_EPOCH_WALL_NS > from_wall_ns
        )

    def is_due(self, now: Instant) -> bool:
        """Whether its life is over at ``now``, a moment of the boot in which it was dated."""
        return self.due_mono_ns is not None and now.mono_ns >= self.due_mono_ns


def date_epochs(live: Sequence[EpochSlot], now: Instant, retention: Retention | None) -> list[DatedEpoch]:
    """``live``, oldest first, as seen at ``now``: right until another epoch, another boot or another trust."""
    found = []
    for slot, dated in zip(live, date([slot.start for slot in live], now), strict=True):
        recorded_ns, likely_ns = slot.start.wall_ns, dated.likely_wall_ns
        redated = likely_ns is not None and abs(likely_ns - recorded_ns) > JITTER_NS
        due_ns = None if retention is None else now.mono_ns + retention.life_ns(dated.wall_ns) - dated.age_ns
        start_ns = likely_ns if redated and likely_ns is not None else recorded_ns
        found.append(DatedEpoch(slot, start_ns, redated, due_ns))
    return found
