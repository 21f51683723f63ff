"""What commits cost beside plain writes to the same disk: time each, bytes a second, bytes on the medium."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from edgecam.ringbuffer.retention import Retention
from parts.ringcamera import Appending, RingCamera
from parts.ringdisk import ext4, loop_device, settle, written_by_us, written_to

Pace = tuple[list[float], list[float]]
# What a committer does on its own besides committing.
_ERASE_EVERY_S = 10


class PlainFile:
    """The peer: a file of ``size_bytes``, written once before, and again in order with a flush each time."""

    def __init__(self, path: Path, size_bytes: int) -> None:
        self._size_bytes, self._at = size_bytes, 0
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        os.posix_fallocate(self._descriptor, 0, size_bytes)
        step = bytes(1 << 20)
        for offset in range(0, size_bytes, len(step)):
            os.pwrite(self._descriptor, step[: size_bytes - offset], offset)
        os.fsync(self._descriptor)

    def write(self, data: bytes) -> None:
        if self._at + len(data) > self._size_bytes:
            self._at = 0
        os.pwrite(self._descriptor, data, self._at)
        os.fdatasync(self._descriptor)
        self._at += len(data)

    def close(self) -> None:
        os.close(self._descriptor)


@contextmanager
def side_by_side(folder: Path, size_bytes: int, camera: RingCamera) -> Iterator[tuple[Appending, PlainFile]]:
    """A ring and a plain file of one size on one disk, both written all over before."""
    ring = folder / "beside"
    camera.create(ring, size_bytes)
    appending, plain = Appending(camera.open(ring)), PlainFile(folder / "plain", size_bytes)
    try:
        _one_lap(appending, size_bytes)
        yield appending, plain
    finally:
        appending.writer.close()
        plain.close()
        ring.unlink()
        (folder / "plain").unlink()


def pace(appending: Appending, plain: PlainFile, size: int, rounds: int, count: int) -> Pace:
    """Bytes a second of the ring and of the plain file, in rounds of ``count`` fragments each, in turn."""
    data = os.urandom(size)
    ring_pace: list[float] = []
    plain_pace: list[float] = []
    for number in range(rounds):
        both = [(ring_pace, appending.commit), (plain_pace, plain.write)]
        # Who comes second may find the disk busy with what the first has left.
        for told, put in both if number % 2 else both[::-1]:
            told.append(size * count / _timed(put, data, count))
    return ring_pace, plain_pace


def waits(appending: Appending, plain: PlainFile, size: int, count: int) -> tuple[list[float], list[float]]:
    """Seconds of each of ``count`` commits, and of a plain write and flush of as many bytes in between."""
    data = os.urandom(size)
    commits, writes = [], []
    for _ in range(count):
        commits.append(_timed(appending.commit, data))
        writes.append(_timed(plain.write, data))
    return commits, writes


def _timed(put: Callable[[bytes], None], data: bytes, count: int = 1) -> float:
    began = time.perf_counter()
    for _ in range(count):
        put(data)
    return time.perf_counter() - began


@dataclass(frozen=True, slots=True)
class Written:
    """Bytes that reached the medium, for ``footage`` bytes of fragments committed."""

    medium: int
    footage: int

    @property
    def amplification(self) -> float:
        return self.medium / self.footage


Form = Literal["device", "ext4", "ext4 lazytime", "ext4 retention", "device retention"]


def written(folder: Path, form: Form, size_bytes: int, fragments: list[bytes], laps: int) -> Written:
    """Fill a ring on a block device of its own once, then count over ``laps`` more. Needs root.

    ``device``: the ring is the block device. ``ext4``: it is a file there. ``retention``: footage is erased when
    half a lap old, as it is where the retention is over before the ring is full; else because the ring wraps.
    """
    seconds = size_bytes / (sum(map(len, fragments)) / len(fragments))
    camera = RingCamera(os.urandom(32), Retention(seconds / 2 / 86_400 if "retention" in form else 33))
    with loop_device(folder / "image", size_bytes) as device:
        if form.startswith("device"):
            return _counted(camera, device, device, size_bytes, fragments, laps)
        options = "lazytime" if "lazytime" in form else "defaults"
        with ext4(device, folder / "mounted", options) as mounted:
            # The rest is for the journal and tables of the file system.
            return _counted(camera, device, mounted / "ring", size_bytes * 3 // 4, fragments, laps)


def written_as_process(folder: Path, size_bytes: int, fragments: list[bytes], laps: int) -> Written:
    """The same by the process' own account, for who is not root: without what a file system adds by itself."""
    ring = folder / "accounted"
    camera = RingCamera(os.urandom(32))
    try:
        return _counted(camera, None, ring, size_bytes, fragments, laps)
    finally:
        ring.unlink(missing_ok=True)


def _counted(
    camera: RingCamera, device: Path | None, ring: Path, size_bytes: int, fragments: list[bytes], laps: int
) -> Written:
    def count() -> int:
        return written_to(device) if device else written_by_us()

    camera.create(ring, size_bytes)
    appending = Appending(camera.open(ring))
    try:
        _laps(appending, size_bytes, fragments, 1)
        settle(ring)
        before = count()
        footage = _laps(appending, size_bytes, fragments, laps)
        settle(ring)
        return Written(count() - before, footage)
    finally:
        appending.writer.close()


def _laps(appending: Appending, size_bytes: int, fragments: list[bytes], laps: int) -> int:
    """Commit ``laps`` times as many bytes as the ring has; gives their number."""
    footage = 0
    while footage < laps * size_bytes:
        data = fragments[appending.second % len(fragments)]
        appending.commit(data)
        footage += len(data)
        if appending.second % _ERASE_EVERY_S == 0:
            appending.erase_due()
    return footage


def _one_lap(appending: Appending, size_bytes: int) -> None:
    large = os.urandom(min(4 << 20, size_bytes // 8))
    _laps(appending, size_bytes, [large], 1)
