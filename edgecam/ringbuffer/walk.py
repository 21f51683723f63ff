"""From segment to segment through one epoch, reading headers only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import DataLoss, MediaFailing
from edgecam.keys.camera import signed_by
from edgecam.ringbuffer.format import (
    EPOCH_DURATION_NS,
    HEADER_SIZE,
    SEGMENT_MAGIC,
    UNIT,
    EpochSlot,
    SegmentHeader,
    Superblock,
    header_hash,
    max_epoch_size,
)
from edgecam.ringbuffer.medium import Medium
from edgecam.ringbuffer.table import read_slot

_LOOK_AHEAD_SIZE = 1 << 20  # several segments
_PIECE_SIZE = 1 << 16
_MAX_UNREADABLE = 16  # pieces; a card takes seconds over each
_NEAR_NS = 10 * NS_PER_S  # some ten headers, which cost less than another look
_MAX_LOOKS = 8


@dataclass(frozen=True, slots=True)
class StoredSegment:
    """A segment on the medium: its header, its epoch's slot, its position in the data area, its header's hash."""

    header: SegmentHeader
    slot: EpochSlot
    position: int
    header_hash: bytes

    @property
    def end_position(self) -> int:
        return self.position + self.header.record_size


def walk(
    medium: Medium,
    superblock: Superblock,
    slot: EpochSlot,
    follower: EpochSlot | None = None,
    from_mono_ns: int | None = None,
) -> Iterator[StoredSegment]:
    """The epoch's committed segments in order; ``follower`` is the epoch after it, ``None`` for the newest.

    With ``from_mono_ns``, those that end before that boot time may be left out, and most are: they are not read.

    Each follows from the one before (invariant 5), or, where a header is damaged, is the next that this camera
    signed: then indices are missing, and nothing else is. What cannot be read counts as damaged. The last one of
    the newest epoch is yielded only when its body is whole, for it may be torn or in flight; one whose body cannot
    be read is yielded, for it may have been committed. Raises: MediaFailing when too much cannot be read.
    """
    held_back: StoredSegment | None = None
    first = None if from_mono_ns is None else _near(medium, superblock, slot, follower, from_mono_ns)
    for stored in _headers(medium, superblock, slot, follower, first):
        if held_back is not None:
            yield held_back
        held_back = stored
    if held_back is not None and (follower is not None or _is_whole(medium, superblock, held_back)):
        yield held_back


def read_sealed(medium: Medium, superblock: Superblock, stored: StoredSegment) -> bytes:
    """The sealed payload of ``stored``, proved by the hash in its header (invariant 9).

    Raises: DataLoss when it is not what was committed, or cannot be read.
    """
    offset = superblock.byte_offset(stored.position) + HEADER_SIZE
    try:
        payload = medium.read_at(offset, stored.header.payload_size)
    except MediaFailing as refused:
        raise DataLoss(f"segment {stored.header.sequence} cannot be read: {refused.what}") from refused
    if hashlib.sha256(payload).digest() != stored.header.sealed_hash:
        raise DataLoss(
            f"segment {stored.header.sequence} is damaged or was written over",
            safe="the other segments are not touched",
        )
    return payload


def _headers(
    medium: Medium,
    superblock: Superblock,
    slot: EpochSlot,
    follower: EpochSlot | None,
    first: StoredSegment | None,
) -> Iterator[StoredSegment]:
    position, previous_hash, index = slot.position, slot.previous_hash, 0
    if first is not None:
        position, previous_hash, index = first.position, first.header.previous_hash, first.header.index
    while follower is None or slot.first_sequence + index < follower.first_sequence:
        found = _follower(medium, superblock, slot, index, position, previous_hash) or _beyond_damage(
            medium, superblock, slot, index, position, follower
        )
        if found is None:
            return
        yield found
        position, previous_hash, index = found.end_position, found.header_hash, found.header.index + 1


def _near(
    medium: Medium, superblock: Superblock, slot: EpochSlot, follower: EpochSlot | None, mono_ns: int
) -> StoredSegment | None:
    """A segment that began before ``mono_ns``, and not long before; ``None`` when the epoch's start is as near.

    By interpolation between places and times: each look finds a header that this camera signed, or that none is
    there. Where footage was of even size, the first look is near enough.
    """
    low: StoredSegment | None = None
    low_position, low_ns = slot.position, slot.start.mono_ns
    high_position, high_ns = slot.position + max_epoch_size(superblock), slot.start.mono_ns + EPOCH_DURATION_NS
    if follower is not None:
        high_position = follower.position
        if follower.start.boot_id == slot.start.boot_id:
            high_ns = follower.start.mono_ns
    for _ in range(_MAX_LOOKS):
        if mono_ns - low_ns <= _NEAR_NS or high_ns <= low_ns or high_position - low_position <= _LOOK_AHEAD_SIZE:
            break
        share = min(1.0, (mono_ns - _NEAR_NS // 2 - low_ns) / (high_ns - low_ns))
        guess = low_position + int(share * (high_position - low_position)) // UNIT * UNIT
        found = _signed_from(medium, superblock, slot, guess, min(guess + _LOOK_AHEAD_SIZE, high_position))
        if found is not None and found.header.start_mono_ns <= mono_ns:
            low, low_position, low_ns = found, found.end_position, found.header.start_mono_ns
        else:
            high_position, high_ns = guess, high_ns if found is None else found.header.start_mono_ns
    return low


def _signed_from(
    medium: Medium, superblock: Superblock, slot: EpochSlot, start: int, end: int
) -> StoredSegment | None:
    """The first segment of the epoch between the positions ``start`` and ``end`` that this camera signed."""
    for place, encoded in _units(medium, superblock, start, end):
        found = _stored(superblock, slot, place, encoded)
        if found and _is_signed(superblock, found.header):
            return found
    return None


def _is_whole(medium: Medium, superblock: Superblock, stored: StoredSegment) -> bool:
    try:
        read_sealed(medium, superblock, stored)
    except DataLoss as lost:
        return isinstance(lost.__cause__, MediaFailing)
    return True


def _follower(
    medium: Medium, superblock: Superblock, slot: EpochSlot, index: int, position: int, previous_hash: bytes
) -> StoredSegment | None:
    # Where the record before ends; or, when this one did not fit there, at the start of the next lap.
    at_lap_start = position % superblock.data_size == 0
    for place in (position,) if at_lap_start else (position, superblock.next_lap(position)):
        try:
            encoded = medium.read_at(superblock.byte_offset(place), HEADER_SIZE)
        except MediaFailing:
            continue
        found = _stored(superblock, slot, place, encoded)
        if found and found.header.index == index and found.header.previous_hash == previous_hash:
            return found
    return None


def _beyond_damage(
    medium: Medium, superblock: Superblock, slot: EpochSlot, index: int, position: int, follower: EpochSlot | None
) -> StoredSegment | None:
    """The first segment of the epoch after a damaged header at ``position``.

    At the ring's head nothing is found: positions only grow, so behind it lies nothing of the newest epoch.
    """
    if follower is not None and read_slot(medium, superblock, slot.epoch) != slot:
        return None  # not damaged but erased meanwhile
    end = follower.position if follower else position + _LOOK_AHEAD_SIZE
    for place, encoded in _units(medium, superblock, position + UNIT, end):
        found = _stored(superblock, slot, place, encoded)
        if found and found.header.index > index and _is_signed(superblock, found.header):
            return found
    return None


def _stored(superblock: Superblock, slot: EpochSlot, place: int, encoded: bytes) -> StoredSegment | None:
    """The segment at ``place`` if its header is one, of this epoch, and where such a record can be."""
    try:
        header = SegmentHeader.decode(encoded)
    except DataLoss:
        return None
    ours = (header.ring_id, header.epoch, header.sequence) == (
        slot.ring_id,
        slot.epoch,
        slot.first_sequence + header.index,
    )
    if not ours or superblock.fit(place, header.record_size) != place:
        return None
    return StoredSegment(header, slot, place, header_hash(encoded))


def _is_signed(superblock: Superblock, header: SegmentHeader) -> bool:
    return signed_by(superblock.camera_public, header.signature, header.signed_part)


def _units(medium: Medium, superblock: Superblock, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Positions from ``start`` to ``end`` at which a segment may begin, with the 512 bytes there."""
    unreadable = 0
    for first in range(start, end, _PIECE_SIZE):
        position = first
        for offset, size in superblock.pieces(first, min(first + _PIECE_SIZE, end)):
            try:
                data = medium.read_at(offset, size)
            except MediaFailing:
                unreadable += 1
                if unreadable > _MAX_UNREADABLE:
                    raise
                data = b""
            for i in range(0, len(data), UNIT):
                if data.startswith(SEGMENT_MAGIC, i):
                    yield position + i, data[i : i + HEADER_SIZE]
            position += size
