"""Full rings of any size in seconds: every slot, but of most epochs one header, and one body in all.

The file is sparse; what opening and searching a ring read lies where a camera would have put it. Records are
composed with the ring's own types, signed and chained. A segment takes 200,704 bytes (1.6 Mbit/s), so that 512 GiB
are a month.
"""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from edgecam.core.clock import NS_PER_S
from edgecam.ringbuffer.creation import plan
from edgecam.ringbuffer.format import (
    HEADER_SIZE,
    SUPERBLOCK_OFFSETS,
    UNIT,
    EpochSlot,
    SegmentHeader,
    Superblock,
    header_hash,
    max_epoch_size,
)
from parts.ringcamera import INIT_SIZE, SEGMENT_S, RingCamera, moment
from parts.ringrecord import bare_header, sealed_slot

RECORD_SIZE = 49 * UNIT
_PAYLOAD_SIZE = RECORD_SIZE - HEADER_SIZE
_EPOCH_SEGMENTS = 600
_FIRST_EPOCH = 10_000  # the camera has been on for some time, and the ring has wrapped
MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class FullRing:
    """A ring at ``path`` with footage from ``first_second`` to ``end_second``, where ``minutes`` can be found."""

    path: Path
    epochs: int
    first_second: int
    end_second: int
    minutes: tuple[int, ...]


def full_ring(path: Path, size_bytes: int, camera: RingCamera, minutes: int) -> FullRing:
    """Make it; ``minutes`` random minutes (seconds at which they begin) can be found in it."""
    filling = _Filling(path, size_bytes, camera)
    first, end = filling.first_second, filling.end_second
    chance = random.Random(1)
    chosen = [chance.randrange(first, end - MINUTE_S) for _ in range(minutes)]
    spans = ((filling.epoch_at(minute - 3), filling.epoch_at(minute + MINUTE_S)) for minute in chosen)
    filling.fill({epoch for oldest, newest in spans for epoch in range(oldest, newest + 1)})
    return FullRing(path, filling.epochs, first, end, tuple(chosen))


class _Filling:
    def __init__(self, path: Path, size_bytes: int, camera: RingCamera) -> None:
        self._path, self._key, self._recipients = path, camera.key, camera.recipients
        superblock = plan(size_bytes, self._key.public, camera.retention, moment(0))
        self._superblock: Superblock = superblock.signed(self._key.sign)
        self._segments = min(_EPOCH_SEGMENTS, max_epoch_size(superblock) // RECORD_SIZE)
        # A lap may lose the room of one record at its end.
        self.epochs = (superblock.data_size - RECORD_SIZE) // (self._segments * RECORD_SIZE)
        self.first_second = round(_FIRST_EPOCH * self._segments * SEGMENT_S)
        self.end_second = round((_FIRST_EPOCH + self.epochs) * self._segments * SEGMENT_S)

    def epoch_at(self, second: int) -> int:
        """The number of the epoch that shows ``second``, or of the nearest one."""
        epoch = int(second / SEGMENT_S) // self._segments
        return min(max(epoch, _FIRST_EPOCH), _FIRST_EPOCH + self.epochs - 1)

    def fill(self, whole: Collection[int]) -> None:
        """Write everything; the epochs in ``whole``, and the newest, get all their headers."""
        newest = _FIRST_EPOCH + self.epochs - 1
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.ftruncate(descriptor, self._superblock.size_bytes)
            for offset in SUPERBLOCK_OFFSETS:
                os.pwrite(descriptor, self._superblock.encode(), offset)
            previous, position = hashlib.sha256(b"what was here before").digest(), 3 * self._superblock.data_size
            for epoch in range(_FIRST_EPOCH, newest + 1):
                slot = self._slot(epoch, position, previous)
                os.pwrite(descriptor, slot.encode(), self._superblock.slot_offset(epoch))
                complete = epoch == newest or epoch in whole
                for header in self._headers(slot, self._segments if complete else 1):
                    encoded, body = header.encode(), b""
                    if epoch == newest and header.index == self._segments - 1:
                        body = _BODY
                    os.pwrite(descriptor, encoded + body, self._superblock.byte_offset(position))
                    previous = header_hash(encoded)
                    position = self._superblock.fit(position + RECORD_SIZE, RECORD_SIZE)
                for _ in range(0 if complete else self._segments - 1):
                    position = self._superblock.fit(position + RECORD_SIZE, RECORD_SIZE)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _slot(self, epoch: int, position: int, previous: bytes) -> EpochSlot:
        slot, _ = sealed_slot(
            self._key,
            self._recipients,
            self._superblock.ring_id,
            epoch,
            moment(epoch * self._segments * SEGMENT_S),
            position,
            epoch * self._segments,
            previous,
            os.urandom(INIT_SIZE),
        )
        return slot

    def _headers(self, slot: EpochSlot, count: int) -> Iterator[SegmentHeader]:
        previous = slot.previous_hash
        for index in range(count):
            start = moment((slot.first_sequence + index) * SEGMENT_S)
            bare = bare_header(slot, index, start, round(SEGMENT_S * NS_PER_S), _PAYLOAD_SIZE, previous)
            header = replace(bare, sealed_hash=_BODY_HASH).signed(self._key.sign)
            previous = header_hash(header.encode())
            yield header


_BODY = random.Random(2).randbytes(_PAYLOAD_SIZE)
_BODY_HASH = hashlib.sha256(_BODY).digest()
