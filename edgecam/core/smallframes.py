"""Masked small frames from the recorder to whoever looks: shared memory, newest wins, nobody waits.

Layout of the file (little-endian, in RAM only)::

    0    8  magic "EDGESMF3"
    8    4  width, pixels
    12   4  height, pixels
    16   8  published: how many frames were ever published; the newest sits in slot (published - 1) % SLOTS
    128     slots, each: 128-byte header + I420 pixels, padded to 128 bytes
            header: 0 u64 serial (odd while written), 8 i64 captured_mono_ns, 16 i64 wall_ns,
            24 u64 sequence, 32 the aim (see `AimReading.encode`), 68 u8 private, 69 the hash of the masks (32)

A slot is a seqlock: the writer makes the serial odd, writes, makes it even; a reader copies out and takes the
copy only if the serial was even and did not change.
"""

from __future__ import annotations

import mmap
import os
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edgecam.core.aim import NO_AIM, PACKED_SIZE, AimReading, decode_aim_reading
from edgecam.core.durable import open_shared
from edgecam.core.errors import DataLoss, Unavailable
from edgecam.core.picture import Picture
from edgecam.core.ramfolder import require_ram

SLOTS = 3
_MAGIC = b"EDGESMF3"
_BOARD = struct.Struct("<8sIIQ")
_SLOT = struct.Struct(f"<QqqQ{PACKED_SIZE}sB32s")
_HEADER_SIZE = 128


@dataclass(frozen=True, slots=True)
class SmallFrame:
    """One masked small picture, copied out of shared memory; the reader owns ``picture`` until its next read.

    ``mask_hash`` is the SHA-256 of the mask set that was burnt into it, zeros where nobody said.
    """

    picture: Picture
    captured_mono_ns: int
    wall_ns: int
    sequence: int
    private: bool
    aim: AimReading = NO_AIM
    mask_hash: bytes = bytes(32)


def _slot_size(width: int, height: int) -> int:
    pixels = width * height + 2 * ((width + 1) // 2) * ((height + 1) // 2)
    return (_HEADER_SIZE + pixels + _HEADER_SIZE - 1) // _HEADER_SIZE * _HEADER_SIZE


class SmallFrameWriter:
    """The recorder's side; one thread publishes. A new writer replaces the file, so old readers notice."""

    def __init__(self, path: Path, width: int, height: int) -> None:
        require_ram(path.parent)
        self._slot_size = _slot_size(width, height)
        size = _HEADER_SIZE + SLOTS * self._slot_size
        beside = path.with_name(f".{path.name}.new")
        descriptor = open_shared(beside, os.O_RDWR | os.O_TRUNC)
        try:
            os.ftruncate(descriptor, size)
            self._map = mmap.mmap(descriptor, size)
        finally:
            os.close(descriptor)
        self._slots = [Picture(width, height, self._pixels(index, width, height)) for index in range(SLOTS)]
        self._published = 0
        _BOARD.pack_into(self._map, 0, _MAGIC, width, height, 0)
        os.replace(beside, path)

    def _pixels(self, index: int, width: int, height: int) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
        start = _HEADER_SIZE + index * self._slot_size + _HEADER_SIZE
        count = width * height + 2 * ((width + 1) // 2) * ((height + 1) // 2)
        return np.frombuffer(self._map, np.uint8, count, start)

    def publish(
        self,
        small: Picture,
        captured_mono_ns: int,
        wall_ns: int,
        sequence: int,
        private: bool,
        aim: AimReading = NO_AIM,
        mask_hash: bytes = bytes(32),
    ) -> None:
        index = self._published % SLOTS
        start = _HEADER_SIZE + index * self._slot_size
        serial = 2 * (self._published // SLOTS)
        told = captured_mono_ns, wall_ns, sequence, aim.encode(), private, mask_hash
        _SLOT.pack_into(self._map, start, serial + 1, *told)
        np.copyto(self._slots[index].buffer, small.buffer)
        _SLOT.pack_into(self._map, start, serial + 2, *told)
        self._published += 1
        struct.pack_into("<Q", self._map, 16, self._published)

    def close(self) -> None:
        """Let the memory go; readers keep what they copied."""
        self._slots = []
        self._map.close()


class SmallFrameReader:
    """Anyone's read-only side: gives the newest frame, or ``None`` when there is no newer one."""

    def __init__(self, path: Path) -> None:
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except OSError as missing:
            raise Unavailable("the recorder shows no picture yet") from missing
        try:
            self._identity = os.fstat(descriptor).st_ino
            self._map = mmap.mmap(descriptor, 0, prot=mmap.PROT_READ)
        except ValueError as empty:
            raise DataLoss("the shared picture memory is empty") from empty
        finally:
            os.close(descriptor)
        self._path = path
        self._seen = 0
        self._picture = self._sized()

    def _sized(self) -> Picture:
        if len(self._map) < _HEADER_SIZE:
            raise DataLoss("the shared picture memory is cut short")
        magic, self.width, self.height, _ = _BOARD.unpack_from(self._map, 0)
        self._slot_size = _slot_size(self.width, self.height)
        if magic != _MAGIC or len(self._map) != _HEADER_SIZE + SLOTS * self._slot_size:
            raise DataLoss("the shared picture memory is of another make")
        return Picture(self.width, self.height)

    def replaced(self) -> bool:
        """True when a new recorder has put another memory in this one's place: open a new reader."""
        try:
            return os.stat(self._path).st_ino != self._identity
        except FileNotFoundError:
            return True

    def newest(self) -> SmallFrame | None:
        """The newest frame not yet given, copied into this reader's own picture; never blocks."""
        for _ in range(4):
            (published,) = struct.unpack_from("<Q", self._map, 16)
            if published == self._seen:
                return None
            start = _HEADER_SIZE + (published - 1) % SLOTS * self._slot_size
            serial, mono_ns, wall_ns, sequence, aim, private, masks = _SLOT.unpack_from(self._map, start)
            pixels = np.frombuffer(self._map, np.uint8, self._picture.buffer.size, start + _HEADER_SIZE)
            np.copyto(self._picture.buffer, pixels)
            del pixels
            (after,) = struct.unpack_from("<Q", self._map, start)
            if serial % 2 == 0 and serial == after:
                self._seen = published
                return SmallFrame(
                    self._picture, mono_ns, wall_ns, sequence, bool(private), decode_aim_reading(aim), masks
                )
        return None

    def close(self) -> None:
        self._map.close()


class SmallFrames:
    """The newest small frame of whichever recorder runs, from one memory to the next. One thread uses it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader: SmallFrameReader | None = None

    def newest(self) -> SmallFrame | None:
        """The newest frame not yet given; ``None`` while there is none, or no recorder."""
        try:
            if self._reader is not None and self._reader.replaced():
                self._reader.close()
                self._reader = None
            if self._reader is None:
                self._reader = SmallFrameReader(self._path)
            return self._reader.newest()
        except (Unavailable, DataLoss):
            return None
