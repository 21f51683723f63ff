"""Segments that follow one another without a gap, told as one stretch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from edgecam.ringbuffer.format import EpochSlot, GapCause, SegmentHeader
from edgecam.ringbuffer.reader import RingReader


@dataclass(frozen=True, slots=True)
class Stretch:
    """Footage without a gap, ``gap_ns`` after whatever was before it; times in nanoseconds since 1970.

    ``gap_cause`` is the name of the cause in lower case, or empty when only privacy or trust changed.
    ``first_sequence`` and ``last_sequence`` are those of its segments.
    """

    start_wall_ns: int
    end_wall_ns: int
    size_bytes: int
    first_sequence: int
    last_sequence: int
    private: bool
    trust: int
    gap_ns: int
    gap_cause: str

    @property
    def segments(self) -> int:
        return self.last_sequence - self.first_sequence + 1


class Stretches:
    """The stretches of one ring; remembers those of epochs that are over, for nothing changes them any more.

    One thread uses it. The first look at an epoch reads all of its headers, a later one nothing.
    """

    def __init__(self, reader: RingReader) -> None:
        self._reader = reader
        self._over: dict[int, tuple[Stretch, ...]] = {}

    def between(self, from_wall_ns: int | None = None, to_wall_ns: int | None = None) -> list[Stretch]:
        """The stretches that show some of the range, whole, oldest first. Raises: MediaFailing."""
        self._reader.refresh()
        epochs = self._reader.epochs()
        self._over = {slot.epoch: self._over[slot.epoch] for slot in epochs if slot.epoch in self._over}
        wanted = self._reader.epochs_between(from_wall_ns, to_wall_ns)
        found = _joined(part for slot in wanted for part in self._of(slot, slot is epochs[-1]))
        return [
            stretch
            for stretch in found
            if (to_wall_ns is None or stretch.start_wall_ns < to_wall_ns)
            and (from_wall_ns is None or stretch.end_wall_ns > from_wall_ns)
        ]

    def _of(self, slot: EpochSlot, newest: bool) -> tuple[Stretch, ...]:
        known = self._over.get(slot.epoch)
        if known is None:
            known = tuple(_joined(_alone(stored.header) for stored in self._reader.segments_of(slot)))
            if not newest:
                self._over[slot.epoch] = known
        return known


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
        growing = part
    if growing is not None:
        yield growing


def _continues(before: Stretch, part: Stretch) -> bool:
    return (
        not part.gap_cause
        and part.first_sequence == before.last_sequence + 1
        and part.private == before.private
        and part.trust == before.trust
    )


def _alone(header: SegmentHeader) -> Stretch:
    return Stretch(
        start_wall_ns=header.start_wall_ns,
        end_wall_ns=header.end_wall_ns,
        size_bytes=header.payload_size,
        first_sequence=header.sequence,
        last_sequence=header.sequence,
        private=header.private,
        trust=int(header.trust),
        gap_ns=header.gap_ns,
        gap_cause="" if header.gap_cause is GapCause.NONE else GapCause(header.gap_cause).name.lower(),
    )
