"""Proving the ring's invariants, on a dead ring or beside its writer, and naming what is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from edgecam.core.errors import BadInput, DataLoss, MediaFailing
from edgecam.keys.camera import signed_by
from edgecam.ringbuffer.format import (
    SUPERBLOCK_OFFSETS,
    SUPERBLOCK_SIZE,
    EpochSlot,
    ErasedSlot,
    Superblock,
)
from edgecam.ringbuffer.medium import Medium
from edgecam.ringbuffer.recovery import read_superblock
from edgecam.ringbuffer.table import MAX_UNREADABLE, SlotTable, read_slot, read_table
from edgecam.ringbuffer.walk import StoredSegment, read_sealed, walk


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken invariant, by its number in ``docs/design/ring-format.md``, and what broke it.

    ``epoch`` is the one concerned, if it is one.
    """

    invariant: int
    what: str
    epoch: int | None = None


def check_ring(medium: Medium, on_epoch: Callable[[int, int], None] | None = None) -> list[Finding]:
    """Everything that is wrong with the ring on ``medium``, most basic first; empty when nothing is.

    Reads every byte of live footage and needs no secret. ``on_epoch`` is told (epochs done, epochs in all). A
    writer may go on meanwhile. Raises: MediaFailing when even the slots cannot be read.
    """
    try:
        superblock = read_superblock(medium)
    except BadInput as refused:
        return [Finding(1, refused.what)]
    table = read_table(medium, superblock)
    findings = [*_of_superblocks(medium, superblock), *_of_slots(table)]
    if findings:
        # A writer may have been in the middle of an erasure; what is broken is so at the second look too.
        table = read_table(medium, superblock)
        again = {*_of_superblocks(medium, superblock), *_of_slots(table)}
        findings = [finding for finding in findings if finding in again]
    for done, (slot, follower) in enumerate(zip(table.live, (*table.live[1:], None), strict=False)):
        of_epoch = list(_of_epoch(medium, superblock, slot, follower))
        if of_epoch and read_slot(medium, superblock, slot.epoch) == slot:  # else erased since the table was read
            findings += of_epoch
        if on_epoch is not None:
            on_epoch(done + 1, len(table.live))
    return sorted(findings, key=lambda finding: finding.invariant)


def _of_superblocks(medium: Medium, superblock: Superblock) -> Iterator[Finding]:
    for copy, offset in enumerate(SUPERBLOCK_OFFSETS, 1):
        if medium.read_at(offset, SUPERBLOCK_SIZE) != superblock.encode():
            yield Finding(1, f"copy {copy} of the superblock is damaged; the other one is used")


def _of_slots(table: SlotTable) -> Iterator[Finding]:
    for place in table.damaged:
        epoch = table.damaged_epoch(place)
        yield Finding(2, f"the slot at place {place} is damaged", epoch if epoch >= 0 else None)
    for place in table.unreadable:
        yield Finding(2, f"the slot at place {place} cannot be read")
    for older, newer in pairwise(table.live):
        if newer.epoch > older.epoch + MAX_UNREADABLE:
            yield Finding(3, f"epoch {newer.epoch} follows epoch {older.epoch}", newer.epoch)
        if newer.position < older.position or newer.first_sequence < older.first_sequence:
            yield Finding(6, f"epoch {newer.epoch} starts before epoch {older.epoch} does", newer.epoch)
    for dug in table.erased:
        if table.live and table.live[0].epoch < dug.epoch:
            yield Finding(3, f"epoch {dug.epoch} is erased and an older one lives", dug.epoch)
        if not dug.discarded:
            yield Finding(3, f"the erasure of epoch {dug.epoch} was not finished", dug.epoch)
    yield from _of_chain_over_erasure(table)


def _of_chain_over_erasure(table: SlotTable) -> Iterator[Finding]:
    oldest = table.live[0] if table.live else None
    for dug in table.erased:
        follows = oldest is None or dug.epoch + 1 != oldest.epoch or _carries_on(dug, oldest)
        if oldest is not None and not follows:
            yield Finding(7, f"epoch {oldest.epoch} does not follow from the erased one before it", oldest.epoch)


def _carries_on(dug: ErasedSlot, slot: EpochSlot) -> bool:
    return (dug.last_hash, dug.next_sequence) == (slot.previous_hash, slot.first_sequence)


def _of_epoch(
    medium: Medium, superblock: Superblock, slot: EpochSlot, follower: EpochSlot | None
) -> Iterator[Finding]:
    if not signed_by(superblock.camera_public, slot.signature, slot.signed_part):
        yield Finding(8, f"the slot of epoch {slot.epoch} is not signed by this camera", slot.epoch)
    last: StoredSegment | None = None
    try:
        for stored in walk(medium, superblock, slot, follower):
            yield from _of_step(slot, last, stored)
            yield from _of_signature(superblock, stored)
            yield from _of_body(medium, superblock, stored)
            last = stored
    except MediaFailing as refused:
        yield Finding(5, f"epoch {slot.epoch} cannot be read on: {refused.what}", slot.epoch)
        return
    if follower is not None:
        yield from _of_seam(slot, last, follower)


def _of_step(slot: EpochSlot, last: StoredSegment | None, stored: StoredSegment) -> Iterator[Finding]:
    expected = last.header.index + 1 if last else 0
    if stored.header.index != expected:
        sequence = slot.first_sequence + expected
        yield Finding(5, f"the header of segment {sequence} is damaged; {_missing(stored, expected)}", slot.epoch)


def _missing(stored: StoredSegment, expected: int) -> str:
    return f"{stored.header.index - expected} segments cannot be opened"


def _of_signature(superblock: Superblock, stored: StoredSegment) -> Iterator[Finding]:
    header = stored.header
    if not signed_by(superblock.camera_public, header.signature, header.signed_part):
        yield Finding(8, f"segment {header.sequence} is not signed by this camera", header.epoch)


def _of_body(medium: Medium, superblock: Superblock, stored: StoredSegment) -> Iterator[Finding]:
    try:
        read_sealed(medium, superblock, stored)
    except DataLoss as refused:
        yield Finding(9, refused.what, stored.header.epoch)


def _of_seam(slot: EpochSlot, last: StoredSegment | None, follower: EpochSlot) -> Iterator[Finding]:
    """Whether ``follower`` goes on where ``slot``'s last segment ends."""
    sequence = last.header.sequence + 1 if last else slot.first_sequence
    if sequence < follower.first_sequence:
        lost = follower.first_sequence - sequence
        yield Finding(5, f"epoch {slot.epoch} breaks off: {lost} committed segments are not found", slot.epoch)
    elif (last.header_hash if last else slot.previous_hash) != follower.previous_hash:
        yield Finding(7, f"epoch {follower.epoch} does not follow from epoch {slot.epoch}", follower.epoch)
    if (last.end_position if last else slot.position) > follower.position:
        yield Finding(6, f"epoch {slot.epoch} reaches into epoch {follower.epoch}", slot.epoch)
