"""What footage can be asked for, wherever it lies: the ring, or a hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from edgecam.ringbuffer.format import EpochSlot, SegmentHeader, Superblock
from edgecam.ringbuffer.reader import OpenEpoch, StoredSegment, Unseal


class Footage(Protocol):
    """Sealed segments in the order of recording; `RingReader` and `HeldFootage` are both."""

    @property
    def superblock(self) -> Superblock:
        """That of the ring in which it was recorded."""
        ...

    def epochs(self) -> list[EpochSlot]:
        """All epochs of it, oldest first."""
        ...

    def epochs_between(self, from_wall_ns: int | None, to_wall_ns: int | None) -> list[EpochSlot]:
        """Those that can hold footage of the range; ``None`` means without a bound."""
        ...

    def segments_of(self, slot: EpochSlot) -> Iterator[StoredSegment]:
        """All segments of one epoch that are there, in order. Raises: MediaFailing."""
        ...

    def segments(self, from_wall_ns: int | None = None, to_wall_ns: int | None = None) -> Iterator[StoredSegment]:
        """The segments that show some of the time from ``from_wall_ns`` to before ``to_wall_ns``.

        Raises: MediaFailing.
        """
        ...

    def moment_of(self, header: SegmentHeader) -> int:
        """The wall time, in nanoseconds since 1970, at which the segment of ``header`` most likely began."""
        ...

    def sealed_payload(self, stored: StoredSegment) -> bytes:
        """The ciphertext, proved by its hash. Raises: DataLoss, MediaFailing."""
        ...

    def open_epoch(self, slot: EpochSlot, unseal: Unseal) -> OpenEpoch:
        """Open ``slot`` with the owner's ``unseal``. Raises: DataLoss, and what ``unseal`` raises."""
        ...
