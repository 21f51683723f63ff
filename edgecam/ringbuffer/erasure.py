"""Destroying epochs: the key first, proved by reading back, then the bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from edgecam.core.clock import NS_PER_S
from edgecam.ringbuffer.format import (
    SLOT_SIZE,
    EpochSlot,
    ErasedSlot,
    ErasureReason,
    Superblock,
)
from edgecam.ringbuffer.medium import Medium
from edgecam.ringbuffer.table import NextEpoch, SlotTable

EPOCH_DURATION_NS = 600 * NS_PER_S


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


def destroy(
    medium: Medium, superblock: Superblock, graves: Sequence[ErasedSlot], *, discard: bool
) -> list[Erasure]:
    """Procedure *erase*, steps 2 to 6, for ``graves``, oldest first.

    Without ``discard`` the bytes are left to what is written over them next. Raises: MediaFailing.
    """
    if not discard:
        graves = [replace(dug, discarded=True) for dug in graves]
    # The newest first and alone: once it is seen destroyed, all below it are known to be doomed.
    _bury(medium, superblock, graves[-1:])
    _bury(medium, superblock, graves[:-1])
    # Read back before anything else is written there: this is what the register will state (invariant 11).
    verified = [_holds(medium, superblock, dug) for dug in graves]
    if discard:
        for dug in graves:
            for offset, size in superblock.pieces(dug.position, dug.end_position):
                medium.zero(offset, size)
        _bury(medium, superblock, [replace(dug, discarded=True) for dug in graves])
    return [
        Erasure(dug.epoch, dug.from_wall_ns, dug.to_wall_ns, dug.reason, sure)
        for dug, sure in zip(graves, verified, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What power cuts left in the slot table: ``now`` is to be destroyed before the ring goes on, oldest first;
    ``later`` when its elders go; ``torn`` are places of new slots whose write was cut, which never were epochs.
    """

    now: list[ErasedSlot]
    later: list[ErasedSlot]
    torn: list[int]

    def blank(self, medium: Medium, superblock: Superblock) -> None:
        """Make the torn slots blank. Raises: MediaFailing."""
        for place in self.torn:
            medium.write_at(superblock.slot_offset(place), bytes(SLOT_SIZE))
        if self.torn:
            medium.flush()


def leftovers(table: SlotTable, superblock: Superblock, coming: NextEpoch) -> Leftovers:
    """Procedure *recover*, step 5, as a plan.

    Whatever lives or is damaged below an erased epoch was about to go, and so was a damaged slot below all live
    ones. One above some live epoch may be bad luck instead, and waits for its elders.
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
        is_next = epoch + table.slot_count == table.newest + 1 and epoch + 1 != oldest
        if epoch < 0 or is_next:
            torn.append(place)
        else:
            dug = _grave_of_damaged(table, superblock, epoch, coming)
            (now if epoch < oldest else later).append(dug)
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


def _bury(medium: Medium, superblock: Superblock, graves: Sequence[ErasedSlot]) -> None:
    for dug in graves:
        medium.write_at(superblock.slot_offset(dug.epoch), dug.encode())
    if graves:
        medium.flush()


def _holds(medium: Medium, superblock: Superblock, dug: ErasedSlot) -> bool:
    return medium.reread_at(superblock.slot_offset(dug.epoch), SLOT_SIZE) == dug.encode()
