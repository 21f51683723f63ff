"""Reading a ring, also while it is written: lists epochs and segments, opens them for who holds the secret."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from edgecam.core.errors import DataLoss
from edgecam.ringbuffer.erasure import EPOCH_DURATION_NS
from edgecam.ringbuffer.format import EpochSlot, SegmentHeader, content_hash
from edgecam.ringbuffer.medium import Medium
from edgecam.ringbuffer.recovery import read_superblock
from edgecam.ringbuffer.sealing import EpochKey
from edgecam.ringbuffer.table import read_slot, read_table
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
    are never handed out.
    """

    def __init__(self, medium: Medium) -> None:
        """Raises: BadInput when there is no ring, or only part of one; MediaFailing."""
        self._medium = medium
        self.superblock = read_superblock(medium)
        self._live: list[EpochSlot] = []
        self.refresh()

    def refresh(self) -> None:
        """Look again which epochs live; reads a few slots, all of them only when much has happened.

        Raises: MediaFailing.
        """
        if not self._follow():
            self._live = list(read_table(self._medium, self.superblock).live)

    def epochs(self) -> list[EpochSlot]:
        """The live epochs, oldest first."""
        return list(self._live)

    def epochs_between(self, from_wall_ns: int | None, to_wall_ns: int | None) -> list[EpochSlot]:
        """The live epochs that can hold footage of the range, oldest first; ``None`` means without a bound."""
        return [
            slot
            for slot in self._live
            if (to_wall_ns is None or slot.start.wall_ns < to_wall_ns)
            and (from_wall_ns is None or slot.start.wall_ns + _MAX_EPOCH_WALL_NS > from_wall_ns)
        ]

    def segments_of(self, slot: EpochSlot) -> Iterator[StoredSegment]:
        """All committed segments of one live epoch, in order; none when it is not live. Raises: MediaFailing."""
        for at, live in enumerate(self._live):
            if live == slot:
                follower = self._live[at + 1] if at + 1 < len(self._live) else None
                yield from walk(self._medium, self.superblock, slot, follower)
                return

    def segments(self, from_wall_ns: int | None = None, to_wall_ns: int | None = None) -> Iterator[StoredSegment]:
        """The segments that show some of the time from ``from_wall_ns`` to before ``to_wall_ns``, as recorded.

        Without bounds, all of them. Raises: MediaFailing.
        """
        for slot in self.epochs_between(from_wall_ns, to_wall_ns):
            for stored in self.segments_of(slot):
                if from_wall_ns is not None and stored.header.end_wall_ns <= from_wall_ns:
                    continue
                if to_wall_ns is not None and stored.header.start_wall_ns >= to_wall_ns:
                    continue
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

    def _follow(self) -> bool:
        """Drop what was erased at the old end, take what was added at the new one; whether that was all."""
        if not self._live:
            return False
        newest = self._live[-1]
        if read_slot(self._medium, self.superblock, newest.epoch) != newest:
            return False
        while read_slot(self._medium, self.superblock, self._live[0].epoch) != self._live[0]:
            self._live.pop(0)
        while added := read_slot(self._medium, self.superblock, self._live[-1].epoch + 1):
            self._live.append(added)
        return True


# An epoch ends when the wall clock steps; a second of drift and of the last step are let through.
_MAX_EPOCH_WALL_NS = EPOCH_DURATION_NS + 2 * 1_000_000_000
