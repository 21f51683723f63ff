"""Proving the invariants of a hold, and naming what is broken; needs neither the ring nor a secret."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edgecam.core.errors import BadInput, DataLoss, MediaFailing
from edgecam.keys.camera import signed_by
from edgecam.ringbuffer.format import SLOT_SIZE, EpochSlot, ErasedSlot, decode_slot, is_zero
from edgecam.ringbuffer.heldfootage import HeldFootage
from edgecam.ringbuffer.holdfile import read_record
from edgecam.ringbuffer.holdrecord import HEAD_OFFSETS, HEAD_SIZE, HoldRecord, HoldState
from edgecam.ringbuffer.medium import FileMedium, Medium


@dataclass(frozen=True, slots=True)
class HoldFinding:
    """A broken invariant, by its number in ``docs/design/holds.md``, and what broke it."""

    invariant: int
    what: str
    epoch: int | None = None


def check_hold(path: Path, camera_public: bytes) -> list[HoldFinding]:
    """Everything that is wrong with the hold at ``path``, most basic first; empty when nothing is.

    Reads every byte of it. One that is being made or erased has nothing that could be wrong yet. Raises:
    MediaFailing when not even its head can be read.
    """
    medium = FileMedium.open(path, writable=False)
    try:
        return check_hold_on(medium, camera_public)
    finally:
        medium.close()


def check_hold_on(medium: Medium, camera_public: bytes) -> list[HoldFinding]:
    """As `check_hold`, on an open medium. Raises: MediaFailing."""
    try:
        record = read_record(medium, camera_public)
        if record is None:
            return [HoldFinding(1, "no whole record is left")]
        if record.state is not HoldState.KEPT:
            return []
        held = HeldFootage(medium, camera_public)
    except (BadInput, DataLoss) as refused:
        return [HoldFinding(1, refused.what)]
    return [*_of_head(medium), *_of_slots(medium, record, camera_public), *_of_segments(held)]


def _of_head(medium: Medium) -> Iterator[HoldFinding]:
    first, second = (medium.read_at(offset, HEAD_SIZE) for offset in HEAD_OFFSETS)
    if first != second:
        yield HoldFinding(1, "the two copies of its head differ; the newer whole one is used")


def _of_slots(medium: Medium, record: HoldRecord, camera_public: bytes) -> Iterator[HoldFinding]:
    for epoch in range(record.first_epoch, record.last_epoch + 1):
        data = medium.read_at(record.slot_offset(epoch), SLOT_SIZE)
        try:
            slot = decode_slot(data)
        except DataLoss as broken:
            yield HoldFinding(2, broken.what, epoch)
            continue
        if slot is not None and not _is_ours(slot, epoch, record, camera_public):
            yield HoldFinding(2, f"the slot of epoch {epoch} is not this camera's", epoch)
    if not is_zero(medium.read_at(record.spare_offset, SLOT_SIZE)):
        yield HoldFinding(2, "sealing its keys anew was cut off; do it again")


def _is_ours(slot: EpochSlot | ErasedSlot, epoch: int, record: HoldRecord, camera_public: bytes) -> bool:
    if not isinstance(slot, EpochSlot) or (slot.epoch, slot.ring_id) != (epoch, record.ring_id):
        return False
    return signed_by(camera_public, slot.signature, slot.signed_part)


def _of_segments(held: HeldFootage) -> Iterator[HoldFinding]:
    count, last = 0, -1
    try:
        for stored in held.segments():
            count += 1
            header = stored.header
            if header.sequence <= last:
                yield HoldFinding(3, f"segment {header.sequence} stands after segment {last}", header.epoch)
            last = header.sequence
            try:
                held.sealed_payload(stored)
            except DataLoss as damaged:
                yield HoldFinding(4, damaged.what, header.epoch)
    except MediaFailing as refused:
        yield HoldFinding(4, f"it cannot be read on: {refused.what}")
        return
    if count != held.record.count.kept:
        yield HoldFinding(5, f"{held.record.count.kept} segments were held, and {count} are found")
