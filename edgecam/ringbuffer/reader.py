"""Reading a ring, also while it is written: lists epochs and segments, opens them for who holds the secret."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from edgecam.core.clock import Instant
from edgecam.core.errors import BadInput, DataLoss
from edgecam.ringbuffer.dating import JITTER_NS, DatedEpoch, date_epochs
from edgecam.ringbuffer.format import EpochSlot, SegmentHeader, content_hash
from edgecam.ringbuffer.medium import FileMedium, Medium
from edgecam.ringbuffer.recovery import read_superblock
from edgecam.ringbuffer.retention import Retention
from edgecam.ringbuffer.sealing import EpochKey
from edgecam.ringbuffer.table import read_next_slot, read_slot, read_table
from edgecam.ringbuffer.walk import StoredSegment as StoredSegment
from edgecam.ringbuffer.walk import read_sealed, walk

Unseal = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class OpenedSegment:
    """A fragment in the clear, and the salt that proves it to be what the header's content hash commits to."""

    fragment: bytes
    salt: bytes


class OpenEpoch:
    """An epoch opened with its owner's secret."""

    def __init__(self, slot: EpochSlot, key: EpochKey, init: bytes) -> None:
        self.slot, self.init, self._key = slot, init, key

    def open(self, header: SegmentHeader, sealed_payload: bytes) -> OpenedSegment:
        """The segment of ``header``. Raises: DataLoss when it does not authenticate or is of another epoch."""
        if header.epoch != self.slot.epoch:
            raise DataLoss(f"segment {header.sequence} is not of epoch {self.slot.epoch}")
        salt, fragment = self._key.open_segment(header.index, sealed_payload, header.sealed_with)
        if content_hash(salt, fragment) != header.content_hash:
            raise DataLoss(f"segment {header.sequence} is not what its header commits to")
        return OpenedSegment(fragment, salt)


class RingReader:
    """Sees the epochs that lived at the last `refresh`; takes no lock and writes nothing. One thread uses it.

    An epoch erased meanwhile ends its walk early or is a `DataLoss` at the payload; bytes that were not committed
    are never handed out. Footage is searched by the time at which it was most likely recorded, which its signed
    headers do not always say: a camera may learn the time only later.
    """

    def __init__(
        self, medium: Medium, retention: Retention | None = None, now: Callable[[], Instant] | None = None
    ) -> None:
        """With ``retention``, what is past its time at a `refresh` is not seen, whether or not it was erased yet.

        ``now`` tells the moment of each `refresh`; without it that is the start of the newest epoch. Raises:
        BadInput when there is no ring, or only part of one; MediaFailing.
        """
        self._medium, self._retention, self._now = medium, retention, now
        self.superblock = read_superblock(medium)
        self._live: list[EpochSlot] = []
        self._dated_as: tuple[object, ...] = ()
        self._dated: list[DatedEpoch] = []
        self._seen: dict[int, DatedEpoch] = {}
        self.refresh()

    def refresh(self) -> None:
        """Look again which epochs live; reads a few slots, all of them only when much has happened.

        Raises: MediaFailing.
        """
        if not self._follow():
            self._live = list(read_table(self._medium, self.superblock).live)
        self._date()

    def epochs(self) -> list[EpochSlot]:
        """The live epochs, oldest first."""
        return [dated.slot for dated in self._seen.values()]

    def dated(self) -> list[DatedEpoch]:
        """The live epochs, oldest first, each with the time at which it most likely began."""
        return list(self._seen.values())

    def dated_between(self, from_wall_ns: int | None, to_wall_ns: int | None) -> list[DatedEpoch]:
        """The live epochs that can hold footage of the range, oldest first; ``None`` means without a bound."""
        return [dated for dated in self._seen.values() if dated.touches(from_wall_ns, to_wall_ns)]

    def epochs_between(self, from_wall_ns: int | None, to_wall_ns: int | None) -> list[EpochSlot]:
        """The slots of `dated_between`."""
        return [dated.slot for dated in self.dated_between(from_wall_ns, to_wall_ns)]

    def moment_of(self, header: SegmentHeader) -> int:
        """The wall time at which the segment of ``header`` most likely began."""
        dated = self._seen.get(header.epoch)
        return header.start_wall_ns if dated is None else dated.moment_of(header)

    def segments_of(self, slot: EpochSlot) -> Iterator[StoredSegment]:
        """All committed segments of one live epoch, in order; none when it is not live. Raises: MediaFailing."""
        return self._walk(slot, None)

    def _walk(self, slot: EpochSlot, from_mono_ns: int | None) -> Iterator[StoredSegment]:
        at = bisect_left(self._live, slot.epoch, key=_epoch)
        if slot.epoch in self._seen and self._live[at] == slot:
            follower = self._live[at + 1] if at + 1 < len(self._live) else None
            yield from walk(self._medium, self.superblock, slot, follower, from_mono_ns)

    def segments(self, from_wall_ns: int | None = None, to_wall_ns: int | None = None) -> Iterator[StoredSegment]:
        """The segments that most likely show some of the time from ``from_wall_ns`` to before ``to_wall_ns``.

        In the order of recording; without bounds, all of them. Raises: MediaFailing.
        """
        for dated in self.dated_between(from_wall_ns, to_wall_ns):
            for stored in self._walk(dated.slot, dated.mono_of(from_wall_ns)):
                start_wall_ns = dated.moment_of(stored.header)
                if to_wall_ns is not None and start_wall_ns >= to_wall_ns + 2 * JITTER_NS:
                    break
                if from_wall_ns is not None and start_wall_ns + stored.header.duration_ns <= from_wall_ns:
                    continue
                if to_wall_ns is None or start_wall_ns < to_wall_ns:
                    yield stored

    def sealed_payload(self, stored: StoredSegment) -> bytes:
        """The ciphertext of ``stored``, proved by its hash.

        Raises: DataLoss when it is damaged or was written over meanwhile, MediaFailing.
        """
        return read_sealed(self._medium, self.superblock, stored)

    def open_epoch(self, slot: EpochSlot, unseal: Unseal) -> OpenEpoch:
        """Open ``slot`` with the owner's ``unseal``, which raises NotAllowed for a key that is sealed to others.

        Raises: DataLoss when the slot does not authenticate.
        """
        key = EpochKey(unseal(slot.sealed_key))
        return OpenEpoch(slot, key, key.open_init(slot.sealed_init, slot.sealed_with))

    def _date(self) -> None:
        """Date the live epochs anew, if anything but the boot clock has moved, and leave out what is due."""
        if not self._live:
            self._seen = {}
            return
        now = self._now() if self._now else self._live[-1].start
        dated_as = (self._live[0].epoch, self._live[-1], now.boot_id, now.trust)
        if dated_as != self._dated_as:
            self._dated, self._dated_as = date_epochs(self._live, now, self._retention), dated_as
        self._seen = {dated.slot.epoch: dated for dated in self._dated if not dated.is_due(now)}

    def _follow(self) -> bool:
        """Drop what was erased at the old end, take what was added at the new one; whether that was all."""
        if not self._live:
            return False
        newest = self._live[-1]
        if read_slot(self._medium, self.superblock, newest.epoch) != newest:
            return False
        while read_slot(self._medium, self.superblock, self._live[0].epoch) != self._live[0]:
            self._live.pop(0)
        while added := read_next_slot(self._medium, self.superblock, self._live[-1].epoch):
            self._live.append(added)
        return True


def _epoch(slot: EpochSlot) -> int:
    return slot.epoch


def live_epochs(ring: Path) -> list[EpochSlot]:
    """Those of the ring at ``ring``; none where there is no ring any more. Raises: MediaFailing."""
    try:
        medium = FileMedium.open(ring, writable=False)
    except BadInput:
        return []
    try:
        return RingReader(medium).epochs()
    except BadInput:
        return []
    finally:
        medium.close()
