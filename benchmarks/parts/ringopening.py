"""How long it takes to open a full ring for writing, and to find a minute in it; both without anything cached."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from edgecam.core.errors import Bug
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader
from parts.ringcamera import RingCamera, moment
from parts.ringdisk import forget, forget_pages
from parts.ringfull import MINUTE_S, FullRing, full_ring

_OPENED = 3
_GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Opening:
    """Times for a ring of ``size_gib`` that holds ``epochs``; each sample began cold, but for ``warm_s``."""

    size_gib: float
    epochs: int
    recovery_s: list[float]
    seek_s: list[float]
    warm_s: list[float]
    cold: str


def opening(folder: Path, size_gib: float, minutes: int, camera: RingCamera) -> tuple[Opening, FullRing]:
    """Fill a ring of ``size_gib`` in ``folder`` and measure; the ring is left there."""
    ring = full_ring(folder / f"full-{size_gib}", round(size_gib * _GIB), camera, minutes)
    recovery_s, cold = [], ""
    for _ in range(_OPENED):
        cold = forget(ring.path)
        began = time.perf_counter()
        writer = camera.open(ring.path, ring.end_second)
        recovery_s.append(time.perf_counter() - began)
        writer.close()
    medium = FileMedium.open(ring.path, writable=False)
    try:
        reader = RingReader(medium)
        seek_s, warm_s = [], []
        for minute in ring.minutes:
            forget_pages(ring.path)
            seek_s.append(_find(reader, minute))
            warm_s.append(_find(reader, minute))
    finally:
        medium.close()
    return Opening(size_gib, ring.epochs, recovery_s, seek_s, warm_s, cold), ring


def _find(reader: RingReader, minute: int) -> float:
    """As the page asks: which epochs live now, then the segments of the minute that begins at second ``minute``."""
    began = time.perf_counter()
    reader.refresh()
    found = list(reader.segments(moment(minute).wall_ns, moment(minute + MINUTE_S).wall_ns))
    took_s = time.perf_counter() - began
    if len(found) != MINUTE_S:
        raise Bug(f"a minute of footage has {len(found)} segments of a second")
    return took_s
