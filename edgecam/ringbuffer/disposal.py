"""Making a whole ring unreadable for good, with the facts for the certificate."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass

from edgecam.ringbuffer.format import SLOT_SIZE, SUPERBLOCK_OFFSETS, SUPERBLOCK_SIZE, Superblock
from edgecam.ringbuffer.medium import Medium
from edgecam.ringbuffer.recovery import read_superblock
from edgecam.ringbuffer.table import SlotTable, read_table

_PIECE_SIZE = 256 * SLOT_SIZE


@dataclass(frozen=True, slots=True)
class Disposal:
    """A disposed ring. ``verified`` says that every slot was read back past the page cache without its key."""

    ring_id: bytes
    camera_public: bytes
    size_bytes: int
    epochs: int
    from_wall_ns: int | None
    to_wall_ns: int | None
    verified: bool


def dispose_ring(medium: Medium, *, keys_alone: bool = False) -> Disposal:
    """Procedure *dispose*. Slots go before the superblocks, so that after a power cut it can be done again.

    ``keys_alone`` leaves the footage, which nothing opens any more: a card takes an hour to be overwritten whole.
    Raises: BadInput when there is no ring, MediaFailing.
    """
    superblock = read_superblock(medium)
    table = read_table(medium, superblock)
    verified = _overwrite_slots(medium, superblock)
    end = superblock.data_offset if keys_alone else superblock.size_bytes
    medium.zero(superblock.table_offset, end - superblock.table_offset)
    medium.flush()
    for offset in SUPERBLOCK_OFFSETS:
        medium.write_at(offset, bytes(SUPERBLOCK_SIZE))
    medium.flush()
    return _account(superblock, table, verified)


def _overwrite_slots(medium: Medium, superblock: Superblock) -> bool:
    end = superblock.table_offset + superblock.slot_count * SLOT_SIZE
    pieces = [(start, min(_PIECE_SIZE, end - start)) for start in range(superblock.table_offset, end, _PIECE_SIZE)]
    written = []
    for start, size in pieces:
        noise = os.urandom(size)
        written.append(hashlib.sha256(noise).digest())
        medium.write_at(start, noise)
    medium.flush()
    read = [hashlib.sha256(medium.reread_at(start, size)).digest() for start, size in pieces]
    return read == written


def _account(superblock: Superblock, table: SlotTable, verified: bool) -> Disposal:
    starts = [slot.start.wall_ns for slot in table.live]
    return Disposal(
        ring_id=superblock.ring_id,
        camera_public=superblock.camera_public,
        size_bytes=superblock.size_bytes,
        epochs=len(table.live),
        from_wall_ns=min(starts, default=None),
        to_wall_ns=max(starts, default=None),
        verified=verified,
    )
