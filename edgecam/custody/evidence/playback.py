"""Footage as one playable stream, for whoever was allowed to look; nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from edgecam.core.clock import Instant
from edgecam.core.errors import DataLoss
from edgecam.custody.evidence.boxes import read_fragment, read_init, retimed
from edgecam.custody.evidence.presentation import Presentation
from edgecam.ringbuffer.footage import Footage
from edgecam.ringbuffer.heldfootage import HeldFootage
from edgecam.ringbuffer.medium import FileMedium, Medium
from edgecam.ringbuffer.reader import OpenEpoch, RingReader, StoredSegment
from edgecam.ringbuffer.retention import Retention


@dataclass(frozen=True, slots=True)
class Played:
    """A fragmented MP4 whose time 0 is ``start_wall_ns``; ``pieces`` is a generator and may be closed early."""

    start_wall_ns: int
    pieces: Iterator[bytes]


class Playback:
    """Opens stretches of one ring with ``unseal``, which holds the owner's key; threads may share it.

    With ``retention`` it opens nothing that is past its time at the moment ``now`` tells.
    """

    def __init__(
        self,
        ring: Path,
        unseal: Callable[[bytes], bytes],
        retention: Retention | None = None,
        now: Callable[[], Instant] | None = None,
    ) -> None:
        self._ring, self._unseal, self._retention, self._now = ring, unseal, retention, now

    def open(self, from_wall_ns: int, to_wall_ns: int) -> Played | None:
        """What there is of the range, as whole segments; ``None`` when there is nothing.

        A change of size or encoder settings ends it early: one stream has one init.
        Raises: NotAllowed, DataLoss, MediaFailing.
        """
        medium = FileMedium.open(self._ring, writable=False)
        pieces = self._pieces(medium, from_wall_ns, to_wall_ns)
        try:
            start_wall_ns, first = next(pieces)
        except StopIteration:
            return None
        return Played(start_wall_ns, _joined(first, pieces))

    def _footage(self, medium: Medium) -> Footage:
        return RingReader(medium, self._retention, self._now)

    def _pieces(self, medium: FileMedium, from_wall_ns: int, to_wall_ns: int) -> Iterator[tuple[int, bytes]]:
        try:
            reader = self._footage(medium)
            epoch: OpenEpoch | None = None
            number = -1
            stream: _Stream | None = None
            for stored in reader.segments(from_wall_ns, to_wall_ns):
                try:
                    if epoch is None or number != stored.slot.epoch:
                        epoch, number = reader.open_epoch(stored.slot, self._unseal), stored.slot.epoch
                    fragment = epoch.open(stored.header, reader.sealed_payload(stored)).fragment
                except DataLoss:
                    continue  # erased or rotten since it was listed: the rest still plays
                if stream is None:
                    stream = _Stream(epoch.init)
                    yield reader.moment_of(stored.header), epoch.init
                elif epoch.init != stream.init:
                    return
                yield reader.moment_of(stored.header), stream.next(stored, fragment)
        finally:
            medium.close()


class HeldPlayback(Playback):
    """As `Playback`, out of the hold at ``path`` that the camera with ``camera_public`` made."""

    def __init__(self, path: Path, unseal: Callable[[bytes], bytes], camera_public: bytes) -> None:
        super().__init__(path, unseal)
        self._public = camera_public

    def _footage(self, medium: Medium) -> Footage:
        return HeldFootage(medium, self._public)


class _Stream:
    """Gives each fragment its place in one presentation."""

    def __init__(self, init: bytes) -> None:
        self.init = init
        self._facts = read_init(init)
        self._presentation = Presentation(self._facts.timescale)
        self._count = 0

    def next(self, stored: StoredSegment, fragment: bytes) -> bytes:
        facts = read_fragment(fragment, self._facts)
        self._count += 1
        return bytes(retimed(fragment, facts, self._count, self._presentation.place(stored.header, facts)))


def _joined(first: bytes, rest: Iterator[tuple[int, bytes]]) -> Iterator[bytes]:
    try:
        yield first
        for _, piece in rest:
            yield piece
    finally:
        close = getattr(rest, "close", None)
        if close is not None:
            close()
