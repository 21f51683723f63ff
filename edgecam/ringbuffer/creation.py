"""Making a ring on a medium that has none."""

from __future__ import annotations

import os
from math import ceil

from edgecam.core.clock import Instant
from edgecam.core.errors import BadInput, DataLoss
from edgecam.ringbuffer.format import (
    EPOCH_DURATION_NS,
    SLOT_SIZE,
    SUPERBLOCK_OFFSETS,
    SUPERBLOCK_SIZE,
    UNIT,
    Sign,
    Superblock,
    is_zero,
)
from edgecam.ringbuffer.medium import Medium
from edgecam.ringbuffer.retention import Retention

MIN_SIZE_BYTES = 1 << 20
_MIN_SLOTS = 8
_SPARE_SLOTS = 512  # a restart a day for the longest retention, and then some
_TABLE_SHARE = 16  # a small ring gives no more than this part of itself to slots


def create_ring(
    medium: Medium, *, camera_public: bytes, sign: Sign, retention: Retention, now: Instant
) -> Superblock:
    """Procedure *create*: an empty ring over all of ``medium``.

    ``camera_public`` is the camera's Ed25519 key (32 bytes) and ``sign`` signs with it; ``retention`` sizes the
    slot table. Raises: BadInput when the medium is too small, MediaFailing.
    """
    superblock = plan(medium.size_bytes, camera_public, retention, now).signed(sign)
    medium.zero(0, superblock.data_offset)
    medium.flush()
    for offset in SUPERBLOCK_OFFSETS:
        medium.write_at(offset, superblock.encode())
        medium.flush()
    return superblock


def plan(size_bytes: int, camera_public: bytes, retention: Retention, now: Instant) -> Superblock:
    """The superblock, unsigned, of a new ring. Raises: BadInput when ``size_bytes`` is too small."""
    if size_bytes < MIN_SIZE_BYTES:
        raise BadInput(
            f"{size_bytes} bytes are too small for a ring", do=f"give it at least {MIN_SIZE_BYTES >> 20} MiB"
        )
    wanted = ceil(retention.longest_ns / EPOCH_DURATION_NS * 1.5) + _SPARE_SLOTS
    slot_count = max(_MIN_SLOTS, min(wanted, size_bytes // _TABLE_SHARE // SLOT_SIZE))
    table_offset = len(SUPERBLOCK_OFFSETS) * SUPERBLOCK_SIZE
    data_offset = table_offset + slot_count * SLOT_SIZE
    return Superblock(
        ring_id=os.urandom(16),
        camera_public=camera_public,
        created=now,
        size_bytes=size_bytes,
        slot_count=slot_count,
        table_offset=table_offset,
        data_offset=data_offset,
        data_size=(size_bytes - data_offset) // UNIT * UNIT,
    )


def is_unfinished(medium: Medium) -> bool:
    """Whether ``medium`` holds no ring because its creation never began or was cut off: then `create_ring` is safe.

    The second superblock is written after the first is flushed, so a blank second and no valid first mean that
    nothing was ever recorded here. Raises: MediaFailing.
    """
    if medium.size_bytes < len(SUPERBLOCK_OFFSETS) * SUPERBLOCK_SIZE:
        return True
    first, second = (medium.read_at(offset, SUPERBLOCK_SIZE) for offset in SUPERBLOCK_OFFSETS)
    try:
        Superblock.decode(first)
    except DataLoss:
        return is_zero(second)
    return False
