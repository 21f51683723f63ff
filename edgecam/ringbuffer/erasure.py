"""Destroying epochs: the key first, proved by reading back, then the bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from edgecam.core.errors import MediaFailing
from edgecam.ringbuffer.badplaces import BadPlaces
from edgecam.ringbuffer.format import (
    EPOCH_DURATION_NS,
    SLOT_SIZE,
    EpochSlot,
    ErasedSlot,
    ErasureReason,
    Superblock,
    is_zero,
)
from edgecam.ringbuffer.medium import Medium
from edgecam.ringbuffer.table import NextEpoch, SlotTable

_PIECE_SIZE = 1 << 20


@dataclass(frozen=True, slots=True)
class Erasure:
    """One epoch that nobody can open any more; for the register.

    ``to_wall_ns`` is the latest moment its footage can be of. ``verified`` says that the slot was read back past
    the page cache and no longer held the key; when it is ``False`` the medium did not do as told.
    """

    epoch: int
    from_wall_ns: int
    to_wall_ns: int
    reason: ErasureReason
    verified: bool


def grave(slot: EpochSlot, follower: EpochSlot | NextEpoch, reason: ErasureReason) -> ErasedSlot:
    """What is to replace ``slot``; ``follower`` is the epoch after it, or what that one will be."""
    to_wall_ns = slot.start.wall_ns + EPOCH_DURATION_NS
    if isinstance(follower, EpochSlot) and slot.start.wall_ns <= follower.start.wall_ns:
        to_wall_ns = min(to_wall_ns, follower.start.wall_ns)
    return ErasedSlot(
        epoch=slot.epoch,
        position=slot.position,
        end_position=follower.position,
        next_sequence=follower.first_sequence,
        from_wall_ns=slot.start.wall_ns,
        to_wall_ns=to_wall_ns,
        reason=reason,
        last_hash=follower.previous_hash,
        ring_id=slot.ring_id,
        discarded=False,
    )


def anchor(ring_id: bytes, coming: NextEpoch, after: EpochSlot) -> ErasedSlot:
    """An epoch that never was, to carry sequence and chain on when the newest one is erased."""
    return ErasedSlot(
        epoch=coming.epoch,
        position=coming.position,
        end_position=coming.position,
        next_sequence=coming.first_sequence,
        from_wall_ns=after.start.wall_ns,
        to_wall_ns=after.start.wall_ns,
        reason=ErasureReason.DUE,
        last_hash=coming.previous_hash,
        ring_id=ring_id,
        discarded=True,
    )


class Eraser:
    """Procedure *erase* on one medium.

    ``is_held`` says whether a copy of an epoch's key is kept elsewhere: then its bytes are overwritten for certain,
    whatever else is spared. What ``bad`` names is not written again.
    """

    def __init__(
        self, medium: Medium, superblock: Superblock, bad: BadPlaces, is_held: Callable[[int], bool]
    ) -> None:
        self._medium, self._superblock, self._bad, self._is_held = medium, superblock, bad, is_held

    def destroy(self, graves: Sequence[ErasedSlot], *, discard: bool) -> list[Erasure]:
        """Steps 2 to 5 for ``graves``, oldest first.

        Without ``discard`` the bytes of epochs that are not held are left to what is written over them next: to
        zero them first would wear the medium for nothing. Raises: MediaFailing.
        """
        graves = [replace(dug, discarded=not discard and not self._is_held(dug.epoch)) for dug in graves]
        # The newest first and alone: once it is seen destroyed, all below it are known to be doomed.
        self._bury(graves[-1:])
        self._bury(graves[:-1])
        # Read back before anything else is written there: this is what the register will state (invariant 11).
        destroyed = [self._is_buried(dug) for dug in graves]
        gone = [self._discard(dug) for dug in graves]
        done = [dug for dug, all_gone in zip(graves, gone, strict=True) if all_gone and not dug.discarded]
        self._bury([replace(dug, discarded=True) for dug in done])
        # Bytes that nobody can open are no footage; bytes that a held key opens are.
        return [
            Erasure(
                epoch=dug.epoch,
                from_wall_ns=dug.from_wall_ns,
                to_wall_ns=dug.to_wall_ns,
                reason=dug.reason,
                verified=key_gone and (all_gone or not self._is_held(dug.epoch)),
            )
            for dug, key_gone, all_gone in zip(graves, destroyed, gone, strict=True)
        ]

    def blank(self, places: Sequence[int]) -> None:
        """Make torn slots blank. Raises: MediaFailing."""
        places = [place for place in places if not self._avoids(place)]
        for place in places:
            self._medium.write_at(self._superblock.slot_offset(place), bytes(SLOT_SIZE))
        if places:
            self._medium.flush()

    def _bury(self, graves: Sequence[ErasedSlot]) -> None:
        graves = [dug for dug in graves if not self._avoids(dug.epoch)]
        for dug in graves:
            self._medium.write_at(self._superblock.slot_offset(dug.epoch), dug.encode())
        if graves:
            self._medium.flush()

    def _is_buried(self, dug: ErasedSlot) -> bool:
        try:
            return self._medium.reread_at(self._superblock.slot_offset(dug.epoch), SLOT_SIZE) == dug.encode()
        except MediaFailing:
            return False

    def _avoids(self, epoch: int) -> bool:
        return self._bad.avoided(self._superblock.slot_offset(epoch), SLOT_SIZE) is not None

    def _discard(self, dug: ErasedSlot) -> bool:
        """Let go of the epoch's bytes; whether all of them are gone. A bad place among them keeps what it has."""
        # Asked after the slot is destroyed: who copies a key says so before reading it, so none is missed.
        held = self._is_held(dug.epoch)
        if dug.discarded and not held:
            return True
        let_go = self._overwrite if held else self._medium.zero
        try:
            for offset, size in self._superblock.pieces(dug.position, dug.end_position):
                let_go(offset, size)
            self._medium.flush()
            return not held or self._is_overwritten(dug)
        except MediaFailing:
            return False

    def _overwrite(self, offset: int, size: int) -> None:
        """With real writes: `Medium.zero` may only mark the old bytes as unused."""
        zeros = memoryview(bytes(_PIECE_SIZE))
        for start in range(0, size, _PIECE_SIZE):
            self._medium.write_at(offset + start, zeros[: size - start])

    def _is_overwritten(self, dug: ErasedSlot) -> bool:
        return all(
            is_zero(self._medium.reread_at(offset + start, min(_PIECE_SIZE, size - start)))
            for offset, size in self._superblock.pieces(dug.position, dug.end_position)
            for start in range(0, size, _PIECE_SIZE)
        )


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What power cuts left in the slot table: ``now`` is to be destroyed before the ring goes on, oldest first;
    ``later`` when its elders go; ``torn`` are places of new slots whose write was cut, which never were epochs.
    """

    now: list[ErasedSlot]
    later: list[ErasedSlot]
    torn: list[int]


def leftovers(table: SlotTable, superblock: Superblock, coming: NextEpoch) -> Leftovers:
    """Procedure *recover*, step 5, as a plan.

    Whatever lives or is damaged below an erased epoch was about to go, and so was a damaged slot below all live
    ones. One above some live epoch may be bad luck instead, and waits for its elders; one that cannot be read waits
    for a younger one.
    """
    last_erased = table.erased[-1].epoch if table.erased else -1
    now = [dug for dug in table.erased if not dug.discarded]
    followers: tuple[EpochSlot | NextEpoch, ...] = (*table.live[1:], coming)
    for slot, follower in zip(table.live, followers, strict=False):
        if slot.epoch < last_erased:
            now.append(grave(slot, follower, ErasureReason.INTERRUPTED))
    oldest = next((slot.epoch for slot in table.live if slot.epoch > last_erased), table.newest + 1)
    later: list[ErasedSlot] = []
    torn: list[int] = []
    for place in table.damaged:
        epoch = table.damaged_epoch(place)
        # The next number's, or that after one which was torn before; not the oldest epoch's interrupted erasure.
        is_next = 1 <= epoch + table.slot_count - table.newest <= 2 and epoch + 1 != oldest
        if epoch < 0 or is_next:
            torn.append(place)
        else:
            dug = _grave_of_damaged(table, superblock, epoch, coming)
            (now if epoch < oldest else later).append(dug)
    for place in table.unreadable:
        epoch = table.damaged_epoch(place)
        # It may be live, and readable again: its bytes and its number are spared until a younger one goes.
        if epoch >= 0 and epoch > last_erased:
            later.append(_grave_of_damaged(table, superblock, epoch, coming))
    return Leftovers(sorted(now, key=_epoch), sorted(later, key=_epoch), torn)


def _epoch(dug: ErasedSlot) -> int:
    return dug.epoch


def _grave_of_damaged(table: SlotTable, superblock: Superblock, epoch: int, coming: NextEpoch) -> ErasedSlot:
    """What is to replace the damaged slot of ``epoch``, told from its neighbours."""
    after: EpochSlot | NextEpoch = next((slot for slot in table.live if slot.epoch > epoch), coming)
    before = next((dug for dug in reversed(table.erased) if dug.epoch < epoch), None)
    start, ended = after.position, after.start.wall_ns if isinstance(after, EpochSlot) else 0
    if not any(slot.epoch < epoch for slot in table.live):  # else the elder's grave reaches up to ``after``
        free_from = max(0, coming.position - superblock.data_size)
        start = min(max(before.end_position if before else 0, free_from), after.position)
    return ErasedSlot(
        epoch=epoch,
        position=start,
        end_position=after.position,
        next_sequence=after.first_sequence,
        from_wall_ns=before.to_wall_ns if before else ended,
        to_wall_ns=ended or (before.to_wall_ns if before else 0),
        reason=ErasureReason.INTERRUPTED,
        last_hash=after.previous_hash,
        ring_id=superblock.ring_id,
        discarded=False,
    )
