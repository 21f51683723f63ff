"""The footage in a hold: read without the ring, and proved like the ring's own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edgecam.core.errors import BadInput, DataLoss
from edgecam.keys.camera import signed_by
from edgecam.ringbuffer.footage import Footage
from edgecam.ringbuffer.format import (
    HEADER_SIZE,
    UNIT,
    EpochSlot,
    SegmentHeader,
    header_hash,
)
from edgecam.ringbuffer.holdfile import read_record, read_slots, superblock_of
from edgecam.ringbuffer.holdrecord import HoldRecord, HoldState
from edgecam.ringbuffer.medium import FileMedium, Medium
from edgecam.ringbuffer.reader import OpenEpoch, StoredSegment, Unseal
from edgecam.ringbuffer.sealing import EpochKey


class HeldFootage:
    """`Footage` out of a hold; takes no lock and writes nothing. One thread uses it.

    The position of a `StoredSegment` is here its offset in the hold. A hold that is erased meanwhile ends the walk
    or is a `DataLoss` at the payload.
    """

    def __init__(self, medium: Medium, camera_public: bytes) -> None:
        """Raises: BadInput when this is no whole hold of this camera, DataLoss when its head is damaged,
        MediaFailing.
        """
        record = read_record(medium, camera_public)
        if record is None or record.state is not HoldState.KEPT:
            raise BadInput("this is not a whole hold", do="see `edgecam holds`")
        self._medium = medium
        self.record = record
        self.superblock = superblock_of(medium, record, camera_public)
        self._epochs = read_slots(medium, record)

    def epochs(self) -> list[EpochSlot]:
        """The epochs of which something is held, oldest first."""
        return list(self._epochs.values())

    def epochs_between(self, from_wall_ns: int | None, to_wall_ns: int | None) -> list[EpochSlot]:
        """Those with a segment in the range, oldest first. Raises: MediaFailing."""
        numbers = {stored.header.epoch for stored in self.segments(from_wall_ns, to_wall_ns)}
        return [slot for number, slot in self._epochs.items() if number in numbers]

    def segments_of(self, slot: EpochSlot) -> Iterator[StoredSegment]:
        """The held segments of one epoch, in order. Raises: MediaFailing."""
        return (stored for stored in self.segments() if stored.slot == slot)

    def segments(
        self, from_wall_ns: int | None = None, to_wall_ns: int | None = None, first_offset: int | None = None
    ) -> Iterator[StoredSegment]:
        """The held segments that show some of the time from ``from_wall_ns`` to before ``to_wall_ns``.

        ``first_offset`` is that of an earlier `StoredSegment` at which to begin. Raises: MediaFailing.
        """
        offset = self.record.segments_offset if first_offset is None else first_offset
        while offset + UNIT <= self._medium.size_bytes:
            stored = self._stored(offset)
            # Where a header is damaged, the next whole one is taken, as in the ring.
            offset += stored.header.record_size if stored else UNIT
            if stored is None:
                continue
            after = from_wall_ns is None or stored.header.end_wall_ns > from_wall_ns
            if after and (to_wall_ns is None or stored.header.start_wall_ns < to_wall_ns):
                yield stored

    def moment_of(self, header: SegmentHeader) -> int:
        """The wall time at which the segment of ``header`` began, as it was recorded."""
        return header.start_wall_ns

    def sealed_payload(self, stored: StoredSegment) -> bytes:
        """The ciphertext of ``stored``, proved by its hash. Raises: DataLoss when it is damaged, MediaFailing."""
        payload = self._medium.read_at(stored.position + HEADER_SIZE, stored.header.payload_size)
        if hashlib.sha256(payload).digest() != stored.header.sealed_hash:
            raise DataLoss(f"segment {stored.header.sequence} of the hold is damaged or was erased meanwhile")
        return payload

    def open_epoch(self, slot: EpochSlot, unseal: Unseal) -> OpenEpoch:
        """Open ``slot`` with the owner's ``unseal``. Raises: DataLoss when it does not authenticate."""
        key = EpochKey(unseal(slot.sealed_key))
        return OpenEpoch(slot, key, key.open_init(slot.sealed_init, slot.sealed_with))

    def _stored(self, offset: int) -> StoredSegment | None:
        encoded = self._medium.read_at(offset, HEADER_SIZE)
        try:
            header = SegmentHeader.decode(encoded)
        except DataLoss:
            return None
        slot = self._epochs.get(header.epoch)
        ours = header.ring_id == self.record.ring_id and offset + header.record_size <= self._medium.size_bytes
        if slot is None or not ours or not self._is_signed(header):
            return None
        return StoredSegment(header, slot, offset, header_hash(encoded))

    def _is_signed(self, header: SegmentHeader) -> bool:
        return signed_by(self.superblock.camera_public, header.signature, header.signed_part)


@contextmanager
def opened_hold(path: Path, camera_public: bytes) -> Iterator[HeldFootage]:
    """The hold at ``path``, for reading. Raises: BadInput, DataLoss, MediaFailing."""
    medium = FileMedium.open(path, writable=False)
    try:
        yield HeldFootage(medium, camera_public)
    finally:
        medium.close()


def record_of(path: Path, camera_public: bytes) -> HoldRecord | None:
    """The record of the hold at ``path``, ``None`` where none can be read. Raises: BadInput, MediaFailing."""
    medium = FileMedium.open(path, writable=False)
    try:
        return read_record(medium, camera_public)
    finally:
        medium.close()


def _is_footage(held: HeldFootage) -> Footage:
    """Lets the type checker see that a hold is footage."""
    return held
