"""The slot table as one value: which epochs live, which are erased, which slots are damaged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from edgecam.core.errors import DataLoss, MediaFailing
from edgecam.ringbuffer.format import NO_HASH, SLOT_SIZE, EpochSlot, ErasedSlot, Superblock, decode_slot
from edgecam.ringbuffer.medium import Medium

_SWEEP_SIZE = 256 * SLOT_SIZE
# More slots than this that cannot be read, and it is the medium that is away; an epoch's number jumps no further.
MAX_UNREADABLE = 8
# A slot is written when its epoch begins, when its key is destroyed, and when its bytes are gone.
WRITES_OF_A_SLOT = 3


@dataclass(frozen=True, slots=True)
class NextEpoch:
    """How the ring goes on: what the slot of its next epoch will say."""

    epoch: int = 0
    position: int = 0
    first_sequence: int = 0
    previous_hash: bytes = NO_HASH


@dataclass(frozen=True, slots=True)
class SlotTable:
    """Every slot of a ring at one moment.

    ``live`` and ``erased`` are in order of their epochs, oldest first; ``damaged`` holds the places, from 0, of
    slots that are neither, nor blank, ``strays`` those live slots of this ring that lie at another's place, as
    (place, slot). A stray's place counts as damaged too. ``unreadable`` holds the places that the medium would
    not read: nobody knows what they are.
    """

    live: tuple[EpochSlot, ...]
    erased: tuple[ErasedSlot, ...]
    damaged: tuple[int, ...]
    slot_count: int
    strays: tuple[tuple[int, EpochSlot], ...] = ()
    unreadable: tuple[int, ...] = ()

    @property
    def newest(self) -> int:
        """The highest epoch number that any slot names, -1 for none."""
        return max((slots[-1].epoch for slots in (self.live, self.erased) if slots), default=-1)

    @property
    def written_bytes(self) -> int:
        """Bytes written into this ring since it was made, up to the epoch that may still be open."""
        ends = [slots[-1] for slots in (self.live, self.erased) if slots]
        ahead = max(
            (slot.end_position if isinstance(slot, ErasedSlot) else slot.position for slot in ends), default=0
        )
        return ahead + WRITES_OF_A_SLOT * SLOT_SIZE * (self.newest + 1)

    def damaged_epoch(self, place: int) -> int:
        """The number of the epoch whose slot at ``place`` is damaged, were it one of the last lap of the table.

        Negative for a place that no epoch can have reached: there, only a new slot's write was torn.
        """
        return self.newest - (self.newest - place) % self.slot_count


def read_table(medium: Medium, superblock: Superblock) -> SlotTable:
    """All slots, in one sweep. Raises: MediaFailing when more than a few of them cannot be read."""
    unreadable: list[int] = []
    live: list[EpochSlot] = []
    erased: list[ErasedSlot] = []
    damaged: list[int] = []
    strays: list[tuple[int, EpochSlot]] = []
    for place, data in enumerate(_sweep(medium, superblock)):
        if data is None:
            unreadable.append(place)
            continue
        try:
            slot = decode_slot(data)
        except DataLoss:
            damaged.append(place)
            continue
        if slot is None:
            continue
        if slot.ring_id != superblock.ring_id or slot.epoch % superblock.slot_count != place:
            damaged.append(place)
            if slot.ring_id == superblock.ring_id and isinstance(slot, EpochSlot):
                strays.append((place, slot))
        elif isinstance(slot, EpochSlot):
            live.append(slot)
        else:
            erased.append(slot)
    live.sort(key=lambda slot: slot.epoch)
    erased.sort(key=lambda slot: slot.epoch)
    return SlotTable(
        live=tuple(live),
        erased=tuple(erased),
        damaged=tuple(damaged),
        slot_count=superblock.slot_count,
        strays=tuple(strays),
        unreadable=tuple(unreadable),
    )


def read_slot(medium: Medium, superblock: Superblock, epoch: int) -> EpochSlot | None:
    """The slot of ``epoch`` if that epoch lives, else ``None``. Raises: MediaFailing."""
    try:
        slot = decode_slot(medium.read_at(superblock.slot_offset(epoch), SLOT_SIZE))
    except DataLoss:
        return None
    ours = isinstance(slot, EpochSlot) and slot.epoch == epoch and slot.ring_id == superblock.ring_id
    return slot if ours and isinstance(slot, EpochSlot) else None


def read_next_slot(medium: Medium, superblock: Superblock, epoch: int) -> EpochSlot | None:
    """The slot of the live epoch that follows ``epoch``, passing over those that could not be written or read."""
    for number in range(epoch + 1, epoch + 1 + MAX_UNREADABLE):
        with suppress(MediaFailing):
            if (slot := read_slot(medium, superblock, number)) is not None:
                return slot
    return None


def _sweep(medium: Medium, superblock: Superblock) -> Iterator[bytes | None]:
    end = superblock.table_offset + superblock.slot_count * SLOT_SIZE
    may_refuse = min(MAX_UNREADABLE, superblock.slot_count // 4)
    for offset in range(superblock.table_offset, end, _SWEEP_SIZE):
        size = min(_SWEEP_SIZE, end - offset)
        try:
            data = medium.read_at(offset, size)
        except MediaFailing:
            for slot in _one_by_one(medium, offset, offset + size, may_refuse):
                may_refuse -= slot is None
                yield slot
            continue
        for start in range(0, size, SLOT_SIZE):
            yield data[start : start + SLOT_SIZE]


def _one_by_one(medium: Medium, start: int, end: int, may_refuse: int) -> Iterator[bytes | None]:
    for offset in range(start, end, SLOT_SIZE):
        try:
            yield medium.read_at(offset, SLOT_SIZE)
        except MediaFailing:
            if may_refuse == 0:
                raise
            may_refuse -= 1
            yield None
