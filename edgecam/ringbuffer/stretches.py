"""Segments that follow one another without a gap, told as one stretch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from edgecam.core.clock import TimeTrust
from edgecam.ringbuffer.dating import JITTER_NS, DatedEpoch
from edgecam.ringbuffer.format import GapCause, SegmentHeader
from edgecam.ringbuffer.reader import RingReader


@dataclass(frozen=True, slots=True)
class Stretch:
    """Footage without a gap, ``gap_ns`` after whatever was before it; times in nanoseconds since 1970.

    They are those at which it was most likely recorded; ``redated`` says that the signed headers tell others, and
    ``trust`` is the trust in those. ``gap_cause`` is the name of the cause in lower case, or empty when only
    privacy or the clock changed. ``first_sequence`` and ``last_sequence`` are those of its segments.
    """

    start_wall_ns: int
    end_wall_ns: int
    size_bytes: int
    first_sequence: int
    last_sequence: int
    private: bool
    trust: TimeTrust
    gap_ns: int
    gap_cause: str
    redated: bool = False

    @property
    def segments(self) -> int:
        return self.last_sequence - self.first_sequence + 1


class Stretches:
    """The stretches of one ring; remembers those of epochs that are over, for nothing changes them any more.

    One thread uses it. The first look at an epoch reads all of its headers, a later one nothing, unless it was
    dated anew.
    """

    def __init__(self, reader: RingReader) -> None:
        self._reader = reader
        self._over: dict[int, _Over] = {}

    def between(self, from_wall_ns: int | None = None, to_wall_ns: int | None = None) -> list[Stretch]:
        """The stretches that show some of the range, whole, in the order of recording. Raises: MediaFailing."""
        self._reader.refresh()
        epochs = self._reader.epochs()
        self._over = {slot.epoch: self._over[slot.epoch] for slot in epochs if slot.epoch in self._over}
        wanted = self._reader.dated_between(from_wall_ns, to_wall_ns)
        found = _joined(part for dated in wanted for part in self._of(dated, dated.slot is epochs[-1]))
        return [
            stretch
            for stretch in found
            if (to_wall_ns is None or stretch.start_wall_ns < to_wall_ns)
            and (from_wall_ns is None or stretch.end_wall_ns > from_wall_ns)
        ]

    def _of(self, dated: DatedEpoch, newest: bool) -> tuple[Stretch, ...]:
        known = self._over.get(dated.slot.epoch)
        if known is not None and known.start_wall_ns == dated.start_wall_ns:
            return known.stretches
        found = tuple(_joined(_alone(stored.header, dated) for stored in self._reader.segments_of(dated.slot)))
        if not newest:
            self._over[dated.slot.epoch] = _Over(dated.start_wall_ns, found)
        return found


@dataclass(frozen=True, slots=True)
class _Over:
    """The stretches of an epoch that is over, as long as it is dated the same."""

    start_wall_ns: int
    stretches: tuple[Stretch, ...]


def _joined(parts: Iterable[Stretch]) -> Iterator[Stretch]:
    growing: Stretch | None = None
    for part in parts:
        if growing is not None and _continues(growing, part):
            growing = replace(
                growing,
                end_wall_ns=part.end_wall_ns,
                size_bytes=growing.size_bytes + part.size_bytes,
                last_sequence=part.last_sequence,
            )
            continue
        if growing is not None:
            yield growing
            part = _after(growing, part)
        growing = part
    if growing is not None:
        yield growing


def _continues(before: Stretch, part: Stretch) -> bool:
    return (
        not part.gap_cause
        and part.first_sequence == before.last_sequence + 1
        and part.private == before.private
        and part.trust == before.trust
        and abs(part.start_wall_ns - before.end_wall_ns) <= JITTER_NS
    )


def _after(before: Stretch, part: Stretch) -> Stretch:
    """``part`` with the gap between them as it is now known: it was measured by the clocks as they were then."""
    if not part.gap_cause or not (before.redated or part.redated):
        return part
    return replace(part, gap_ns=max(0, part.start_wall_ns - before.end_wall_ns))


def _alone(header: SegmentHeader, dated: DatedEpoch) -> Stretch:
    start_wall_ns = dated.moment_of(header)
    return Stretch(
        start_wall_ns=start_wall_ns,
        end_wall_ns=start_wall_ns + header.duration_ns,
        size_bytes=header.payload_size,
        first_sequence=header.sequence,
        last_sequence=header.sequence,
        private=header.private,
        trust=header.trust,
        gap_ns=header.gap_ns,
        gap_cause="" if header.gap_cause is GapCause.NONE else GapCause(header.gap_cause).name.lower(),
        redated=dated.redated,
    )
