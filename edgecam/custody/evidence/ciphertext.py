"""Footage as it lies on the medium, for whoever opens it elsewhere; the camera opens nothing of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from edgecam.core.clock import NS_PER_S, Instant
from edgecam.core.errors import DataLoss
from edgecam.ringbuffer.dating import DatedEpoch
from edgecam.ringbuffer.format import EPOCH_DURATION_NS, EpochSlot
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader, StoredSegment
from edgecam.ringbuffer.retention import Retention

# Up to here it costs less to read every header on the way than to search for each sample.
_WALKED_NS = 60 * NS_PER_S


@dataclass(frozen=True, slots=True)
class SealedEpoch:
    """The slot of a live epoch, and when its footage was most likely recorded.

    ``end_wall_ns`` is when it ended at the latest. ``redated`` says that the signed headers tell other times:
    then a segment began as long after ``start_wall_ns`` as its boot clock says. ``camera_public`` is the Ed25519
    key (32 bytes) that signed it. ``over_wall_ns`` is when the next epoch began, where the same boot tells that.
    """

    slot: EpochSlot
    start_wall_ns: int
    end_wall_ns: int
    redated: bool
    camera_public: bytes
    over_wall_ns: int | None = None


class Ciphertext:
    """The sealed side of one ring, opened when first asked for; threads may share it.

    Nothing that is past its time at the moment ``now`` tells is handed out, also when it was found before.
    """

    def __init__(self, ring: Path, retention: Retention | None, now: Callable[[], Instant]) -> None:
        self._ring, self._retention, self._now = ring, retention, now
        # One reader for all: a table of two thousand slots is read once, then followed.
        self._looking = threading.Lock()
        self._reader: RingReader | None = None

    def live(self) -> frozenset[tuple[bytes, int]]:
        """Ring id and number of each epoch that is handed out now. Raises: BadInput, MediaFailing."""
        with self._looking:
            return frozenset((slot.ring_id, slot.epoch) for slot in self._current().epochs())

    def epochs(self, from_wall_ns: int, to_wall_ns: int, every_ns: int = 0) -> list[SealedEpoch]:
        """What opens `segments` of the same arguments, oldest first. Raises: BadInput, MediaFailing."""
        sampled = None
        if every_ns > EPOCH_DURATION_NS:  # else there is hardly one without a sample
            sampled = {stored.slot.epoch for stored in self._sampled(from_wall_ns, to_wall_ns, every_ns)}
        with self._looking:
            reader = self._current()
            found = reader.dated_between(from_wall_ns, to_wall_ns)
            every = reader.dated()
        newest, next_of = every[-1] if found else None, {one.slot.epoch: after for one, after in pairwise(every)}
        public, now_ns = reader.superblock.camera_public, self._now().wall_ns
        return [
            SealedEpoch(
                dated.slot,
                dated.start_wall_ns,
                _end_of(dated, now_ns if dated is newest else None),
                dated.redated,
                public,
                _over_of(dated, next_of.get(dated.slot.epoch)),
            )
            for dated in found
            if sampled is None or dated.slot.epoch in sampled
        ]

    def segments(self, from_wall_ns: int, to_wall_ns: int, every_ns: int = 0) -> Iterator[bytes]:
        """Header (512 bytes, as on the medium) and ciphertext of each segment that shows some of the range.

        With ``every_ns``, of only the first one that is not private after each such step from ``from_wall_ns``.
        One that is damaged or was erased meanwhile is left out. Raises: BadInput, MediaFailing.
        """
        wanted = self._sampled(from_wall_ns, to_wall_ns, every_ns) if every_ns else None
        for stored in wanted or self._walked(from_wall_ns, to_wall_ns):
            assert self._reader is not None
            try:
                payload = self._reader.sealed_payload(stored)
            except DataLoss:
                continue
            yield stored.header.encode() + payload

    def _sampled(self, from_wall_ns: int, to_wall_ns: int, every_ns: int) -> Iterator[StoredSegment]:
        if every_ns > _WALKED_NS:
            for start_ns in range(from_wall_ns, to_wall_ns, every_ns):
                found = self._walked(start_ns, min(start_ns + every_ns, to_wall_ns))
                first = next((stored for stored in found if not stored.header.private), None)
                if first is not None:
                    yield first
            return
        next_ns = from_wall_ns
        for stored in self._walked(from_wall_ns, to_wall_ns):
            assert self._reader is not None
            end_ns = self._reader.moment_of(stored.header) + stored.header.duration_ns
            if end_ns > next_ns and not stored.header.private:
                yield stored
                next_ns += max(1, -(-(end_ns - next_ns) // every_ns)) * every_ns

    def _walked(self, from_wall_ns: int, to_wall_ns: int) -> Iterator[StoredSegment]:
        """The segments of the range as long as their time lasts; the lock is held for one header at a time."""
        with self._looking:
            reader = self._current()
            dated = {epoch.slot.epoch: epoch for epoch in reader.dated_between(from_wall_ns, to_wall_ns)}
            found = reader.segments(from_wall_ns, to_wall_ns)
            stored = next(found, None)
        while stored is not None:
            if not dated[stored.slot.epoch].is_due(self._now()):
                yield stored
            with self._looking:
                stored = next(found, None)

    def _current(self) -> RingReader:
        if self._reader is None:
            medium = FileMedium.open(self._ring, writable=False)
            try:
                self._reader = RingReader(medium, self._retention, self._now)
            except BaseException:
                medium.close()
                raise
        else:
            self._reader.refresh()
        return self._reader


def _over_of(dated: DatedEpoch, after: DatedEpoch | None) -> int | None:
    if after is None or after.slot.start.boot_id != dated.slot.start.boot_id:
        return None
    # In one boot an epoch is over when the next one begins, whatever wall clocks said.
    return dated.start_wall_ns + max(0, after.slot.start.mono_ns - dated.slot.start.mono_ns)


def _end_of(dated: DatedEpoch, now_wall_ns: int | None) -> int:
    latest_ns = dated.start_wall_ns + EPOCH_DURATION_NS
    return latest_ns if now_wall_ns is None else max(dated.start_wall_ns, min(latest_ns, now_wall_ns))
