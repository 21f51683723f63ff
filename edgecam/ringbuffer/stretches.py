"""Segments that follow one another without a gap, told as one stretch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edgecam.ringbuffer.format import GapCause, SegmentHeader
from edgecam.ringbuffer.reader import RingReader


@dataclass(frozen=True, slots=True)
class Stretch:
    """Footage without a gap, ``gap_ns`` after whatever was before it; times in nanoseconds since 1970.

    ``gap_cause`` is the name of the cause in lower case, or empty when only privacy or trust changed.
    """

    start_wall_ns: int
    end_wall_ns: int
    size_bytes: int
    segments: int
    private: bool
    trust: int
    gap_ns: int
    gap_cause: str


def stretches(
    reader: RingReader, from_wall_ns: int | None = None, to_wall_ns: int | None = None
) -> Iterator[Stretch]:
    """The stretches that touch the range, oldest first. Raises: DataLoss, MediaFailing."""
    first: SegmentHeader | None = None
    last: SegmentHeader | None = None
    size_bytes = segments = 0
    for stored in reader.segments(from_wall_ns, to_wall_ns):
        header = stored.header
        if first is not None and last is not None and not _continues(last, header):
            yield _stretch(first, last, size_bytes, segments)
            first, size_bytes, segments = None, 0, 0
        first, last = first or header, header
        size_bytes, segments = size_bytes + header.payload_size, segments + 1
    if first is not None and last is not None:
        yield _stretch(first, last, size_bytes, segments)


def _continues(last: SegmentHeader, header: SegmentHeader) -> bool:
    return (
        header.gap_cause is GapCause.NONE
        and header.sequence == last.sequence + 1
        and header.private == last.private
        and header.trust == last.trust
    )


def _stretch(first: SegmentHeader, last: SegmentHeader, size_bytes: int, segments: int) -> Stretch:
    return Stretch(
        start_wall_ns=first.start_wall_ns,
        end_wall_ns=last.end_wall_ns,
        size_bytes=size_bytes,
        segments=segments,
        private=first.private,
        trust=int(first.trust),
        gap_ns=first.gap_ns,
        gap_cause="" if first.gap_cause is GapCause.NONE else GapCause(first.gap_cause).name.lower(),
    )
