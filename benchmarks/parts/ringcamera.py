"""A camera for benchmarks of the ring: its keys, its moments, its fragments, and rings of its own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.frames import Fragment
from edgecam.keys.camera import CameraKey
from edgecam.keys.owner import Recipients
from edgecam.ringbuffer.format import GapCause
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.retention import Retention
from edgecam.ringbuffer.writer import RingWriter, create_ring

# No secret is needed to seal; this recipient's was thrown away.
RECIPIENT = "age1surrggha3h376apjx7s5kv4v8zys3kxsqe6yl850z62rkrl4p3vqgt0m3m"
INIT_SIZE = 800
SEGMENT_S = 1.0
_BEGAN_NS = 1_800_000_000 * NS_PER_S
_MONTHS = Retention(33)


@dataclass(frozen=True, slots=True)
class RingCamera:
    """Signs with ``seed``; lives in a time of its own, of which second 0 is some time after it was switched on."""

    seed: bytes
    retention: Retention = _MONTHS

    @property
    def key(self) -> CameraKey:
        return CameraKey(Ed25519PrivateKey.from_private_bytes(self.seed))

    @property
    def recipients(self) -> Recipients:
        return Recipients([RECIPIENT])

    def create(self, path: Path, size_bytes: int) -> None:
        """An empty ring at ``path``: a new file, or a block device, which is taken whole."""
        medium = FileMedium.create(path, size_bytes)
        key = self.key
        create_ring(medium, camera_public=key.public, sign=key.sign, retention=self.retention, now=moment(0))
        medium.close()

    def open(self, path: Path, second: float = 0) -> RingWriter:
        """A writer on the ring at ``path``, which finds the time to be ``second``."""
        key = self.key
        return RingWriter(
            FileMedium.open(path, writable=True),
            sign=key.sign,
            camera_public=key.public,
            seal=self.recipients.seal,
            retention=self.retention,
            now=moment(second),
        )


class Appending:
    """Commits fragments of a second each to a writer, one after the other."""

    def __init__(self, writer: RingWriter, second: int = 0) -> None:
        self.writer, self.second = writer, second
        self._init = os.urandom(INIT_SIZE)

    def commit(self, data: bytes) -> None:
        """One more fragment, which holds ``data``; it is on the medium when this returns."""
        start = moment(self.second)
        end_ns = start.mono_ns + round(SEGMENT_S * NS_PER_S)
        fragment = Fragment(self._init, data, start.mono_ns, end_ns, 15, bytes(32), False)
        self.writer.append(fragment, start, 0, GapCause.NONE)
        self.second += 1

    def erase_due(self) -> None:
        self.writer.erase_due(moment(self.second))
        self.writer.take_erasures()


def moment(second: float) -> Instant:
    """``second`` in the camera's own time, which a synchronised clock told."""
    elapsed_ns = round(second * NS_PER_S)
    return Instant(_BEGAN_NS + elapsed_ns, 100 * NS_PER_S + elapsed_ns, bytes(16), TimeTrust.SYNCED)
