"""Footage of a camera that is no more: made unreadable, and the partition free for a new ring."""

from __future__ import annotations

import fcntl
import os
import struct
from contextlib import suppress
from pathlib import Path

from edgecam.core.errors import BadInput
from edgecam.ringbuffer.disposal import dispose_ring
from edgecam.ringbuffer.format import SUPERBLOCK_OFFSETS, SUPERBLOCK_SIZE
from edgecam.ringbuffer.medium import FileMedium

# <linux/fs.h>
_BLKDISCARD = 0x1277
# Superblocks and slots of any ring end before; a medium may give discarded bytes back as they were.
_FRONT_BYTES = 512 << 20


def forget_ring(path: Path) -> bool | None:
    """Overwrite the keys of the ring at ``path``, then what says that it is one, then let the medium drop the rest.

    Whether the keys read back as overwritten; ``None`` where there was no ring. Raises: MediaFailing, Unavailable;
    BadInput when there is nothing at ``path``.
    """
    medium = FileMedium.open(path, writable=True)
    try:
        verified = _dispose(medium)
        front = len(SUPERBLOCK_OFFSETS) * SUPERBLOCK_SIZE
        medium.zero(0, min(front, medium.size_bytes))
        medium.flush()
    finally:
        medium.close()
    _discard(path)
    return verified


def is_blank(path: Path) -> bool:
    """Whether nothing at ``path`` looks like a ring or the beginning of anything. Raises: as `forget_ring`."""
    medium = FileMedium.open(path, writable=False)
    try:
        front = min(len(SUPERBLOCK_OFFSETS) * SUPERBLOCK_SIZE, medium.size_bytes)
        return not any(medium.read_at(0, front))
    finally:
        medium.close()


def _dispose(medium: FileMedium) -> bool | None:
    try:
        return dispose_ring(medium, keys_alone=True).verified
    except BadInput:
        return None


def _discard(path: Path) -> None:
    """Best effort: what lies there is ciphertext whose keys are gone."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            size = os.lseek(descriptor, 0, os.SEEK_END)
            if size > _FRONT_BYTES and path.is_block_device():
                fcntl.ioctl(descriptor, _BLKDISCARD, struct.pack("=QQ", _FRONT_BYTES, size - _FRONT_BYTES))
        finally:
            os.close(descriptor)
