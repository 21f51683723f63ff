"""What a copy holds: how much, its gaps, private footage, and times that nobody vouches for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from edgecam.core.clock import NS_PER_S, TimeTrust
from edgecam.custody.evidence.presentation import LONGEST_GAP_S, elapsed_ns
from edgecam.ringbuffer.format import GapCause, SegmentHeader


@dataclass(frozen=True, slots=True)
class Period:
    """Wall time from one moment to another, in nanoseconds since 1970 UTC."""

    from_wall_ns: int
    to_wall_ns: int

    def __str__(self) -> str:
        return f"{wall_time(self.from_wall_ns)} to {wall_time(self.to_wall_ns)}"


@dataclass(frozen=True, slots=True)
class Gap:
    """Time without footage: when it began, its true length, why, and whether the copy shows it shortened.

    ``duration_ns`` is ``None`` where no clock can tell it. ``missing_segments`` were recorded but are not in the
    copy.
    """

    from_wall_ns: int
    duration_ns: int | None
    cause: str
    shortened: bool
    missing_segments: int

    @property
    def length(self) -> str:
        """Its duration in words."""
        return "unknown length" if self.duration_ns is None else f"{self.duration_ns / NS_PER_S:.1f} s"


def gap_between(last: SegmentHeader, header: SegmentHeader) -> Gap | None:
    """What lies between two segments that follow each other in a copy, or ``None`` when nothing does."""
    missing = header.sequence - last.sequence - 1
    hole_ns = max(0, elapsed_ns(last, header) - last.duration_ns)
    if not missing and header.gap_cause is GapCause.NONE and hole_ns <= LONGEST_GAP_S * NS_PER_S:
        return None
    cause = "missing" if missing else header.gap_cause.name.lower()
    return Gap(
        last.end_wall_ns,
        _length_ns(last, header, hole_ns if missing else header.gap_ns or hole_ns),
        cause if cause != "none" else "unknown",
        hole_ns > LONGEST_GAP_S * NS_PER_S,
        missing,
    )


def _length_ns(last: SegmentHeader, header: SegmentHeader, told_ns: int) -> int | None:
    if last.boot_id == header.boot_id:
        return told_ns
    # The camera that recorded it did not know, or had no clock to know by.
    unknown = header.gap_cause is not GapCause.NONE and not header.gap_ns
    return None if unknown or TimeTrust.UNSET in (last.trust, header.trust) else told_ns


@dataclass(frozen=True, slots=True)
class Account:
    """What a copy holds: whole segments, in the order of recording.

    ``duration_ns`` is footage only, without the gaps. ``untrusted`` was recorded while the wall clock was not
    synchronised. ``mask_hashes`` are of the mask sets that were burnt in, in order of appearance.
    """

    segments: int = 0
    frames: int = 0
    duration_ns: int = 0
    from_wall_ns: int = 0
    to_wall_ns: int = 0
    gaps: tuple[Gap, ...] = ()
    private: tuple[Period, ...] = ()
    untrusted: tuple[Period, ...] = ()
    mask_hashes: tuple[bytes, ...] = ()


class Accounting:
    """Makes an `Account` out of the headers that pass by."""

    def __init__(self) -> None:
        self._last: SegmentHeader | None = None
        self._sum = Account()
        self._gaps: list[Gap] = []
        self._private: list[Period] = []
        self._untrusted: list[Period] = []
        self._masks: dict[bytes, None] = {}

    @property
    def last(self) -> SegmentHeader | None:
        return self._last

    @property
    def segments(self) -> int:
        return self._sum.segments

    def take(self, header: SegmentHeader) -> None:
        """Count one more segment, the next in the copy."""
        gap = gap_between(self._last, header) if self._last else None
        if gap:
            self._gaps.append(gap)
        if header.private:
            _extend(self._private, period_of(header), gap is None)
        if header.trust < TimeTrust.SYNCED:
            _extend(self._untrusted, period_of(header), gap is None)
        self._masks.setdefault(header.mask_hash)
        self._sum = replace(
            self._sum,
            segments=self._sum.segments + 1,
            frames=self._sum.frames + header.frame_count,
            duration_ns=self._sum.duration_ns + header.duration_ns,
            from_wall_ns=self._sum.from_wall_ns if self._last else header.start_wall_ns,
            to_wall_ns=header.end_wall_ns,
        )
        self._last = header

    def account(self) -> Account:
        return replace(
            self._sum,
            gaps=tuple(self._gaps),
            private=tuple(self._private),
            untrusted=tuple(self._untrusted),
            mask_hashes=tuple(self._masks),
        )


def period_of(header: SegmentHeader) -> Period:
    return Period(header.start_wall_ns, header.end_wall_ns)


def wall_time(wall_ns: int) -> str:
    """``2026-03-01 14:05:06.789 UTC``, cut to the millisecond."""
    seconds, rest_ns = divmod(wall_ns, NS_PER_S)
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{rest_ns // 1_000_000:03d} UTC"


def _extend(periods: list[Period], period: Period, adjoining: bool) -> None:
    if adjoining and periods and periods[-1].to_wall_ns >= period.from_wall_ns - NS_PER_S:
        periods[-1] = Period(periods[-1].from_wall_ns, period.to_wall_ns)
    else:
        periods.append(period)
