"""A hold's bytes on a medium: its record in two copies, and its erasure; procedures of ``docs/design/holds.md``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from edgecam.core.errors import BadInput, DataLoss
from edgecam.keys.camera import signed_by
from edgecam.ringbuffer.format import (
    SEGMENT_MAGIC,
    SLOT_SIZE,
    SUPERBLOCK_SIZE,
    UNIT,
    EpochSlot,
    Sign,
    Superblock,
    decode_slot,
    is_zero,
)
from edgecam.ringbuffer.holdrecord import (
    HEAD_OFFSETS,
    HEAD_SIZE,
    RECORD_SIZE,
    SLOTS_OFFSET,
    HoldRecord,
    HoldState,
)
from edgecam.ringbuffer.medium import Medium

_PIECE_SIZE = 256 * UNIT


def read_record(medium: Medium, camera_public: bytes) -> HoldRecord | None:
    """The hold's record, from whichever copy is newer and whole; ``None`` when neither is one.

    Raises: BadInput when another camera made it, MediaFailing.
    """
    record = newest_record(medium)
    if record is not None and not signed_by(camera_public, record.signature, record.signed_part):
        raise BadInput(f"the hold {record.hold_id} was not made by this camera", safe="it is left as it is")
    return record


def newest_record(medium: Medium) -> HoldRecord | None:
    """As `read_record`, whoever signed it. Raises: MediaFailing."""
    newest: HoldRecord | None = None
    for offset in HEAD_OFFSETS:
        if offset + HEAD_SIZE > medium.size_bytes:
            continue
        try:
            record = HoldRecord.decode(medium.read_at(offset + SUPERBLOCK_SIZE, RECORD_SIZE))
        except DataLoss:
            continue
        if record.segments_offset <= medium.size_bytes and (newest is None or record.revision > newest.revision):
            newest = record
    return newest


def begin(medium: Medium, superblock: Superblock, record: HoldRecord, sign: Sign) -> HoldRecord:
    """Procedure *hold*, step 2: from here on, whoever asks learns that keys may be kept here.

    Raises: MediaFailing.
    """
    signed = record.signed(sign)
    medium.write_at(0, *(superblock.encode(), signed.encode()) * len(HEAD_OFFSETS))
    medium.flush()
    return signed


def rewrite(medium: Medium, record: HoldRecord, sign: Sign) -> HoldRecord:
    """Make ``record`` the hold's record, as its next revision; at any moment one of the two copies is whole.

    Raises: BadInput when its texts are too long, before anything is written; MediaFailing.
    """
    signed = replace(record, revision=record.revision + 1).signed(sign)
    encoded = signed.encode()
    for offset in HEAD_OFFSETS:
        medium.write_at(offset + SUPERBLOCK_SIZE, encoded)
        medium.flush()
    return signed


def superblock_of(medium: Medium, record: HoldRecord, camera_public: bytes) -> Superblock:
    """The superblock of the ring from which the hold was made. Raises: DataLoss when none is left, MediaFailing."""
    for offset in HEAD_OFFSETS:
        try:
            superblock = Superblock.decode(medium.read_at(offset, SUPERBLOCK_SIZE))
        except DataLoss:
            continue
        signed = signed_by(superblock.camera_public, superblock.signature, superblock.signed_part)
        if signed and (superblock.camera_public, superblock.ring_id) == (camera_public, record.ring_id):
            return superblock
    raise DataLoss(f"both superblocks in the hold {record.hold_id} are damaged")


def reseal(medium: Medium, record: HoldRecord, anew: Callable[[EpochSlot], EpochSlot | None]) -> int:
    """Procedure *reseal a hold*: each slot replaced by what ``anew`` makes of it, or kept where that is ``None``.

    At every instant each slot stands whole at its place or at the spare one. Returns how many were replaced; when
    it is cut off, doing it again completes it. Raises: MediaFailing, and whatever ``anew`` does, before any change.
    """
    replaced = [new for slot in read_slots(medium, record).values() if (new := anew(slot)) is not None]
    for slot in replaced:
        for offset in (record.spare_offset, record.slot_offset(slot.epoch)):
            medium.write_at(offset, slot.encode())
            medium.flush()
    medium.write_at(record.spare_offset, bytes(SLOT_SIZE))
    medium.flush()
    return len(replaced)


def read_slots(medium: Medium, record: HoldRecord) -> dict[int, EpochSlot]:
    """The slots that are kept, by epoch, oldest first. Raises: MediaFailing."""
    spare = _read_slot(medium, record.spare_offset)
    found: dict[int, EpochSlot] = {}
    for epoch in range(record.first_epoch, record.last_epoch + 1):
        slot = _read_slot(medium, record.slot_offset(epoch)) or spare
        if slot and (slot.epoch, slot.ring_id) == (epoch, record.ring_id):
            found[epoch] = slot
    return found


def _read_slot(medium: Medium, offset: int) -> EpochSlot | None:
    try:
        slot = decode_slot(medium.read_at(offset, SLOT_SIZE))
    except DataLoss:
        return None
    return slot if isinstance(slot, EpochSlot) else None


def destroy(medium: Medium, record: HoldRecord | None, sign: Sign) -> bool:
    """Procedure *erase a hold*, steps 1 to 3: its keys are overwritten, its bytes are zeroed, its record stays.

    ``record`` is ``None`` where none can be read. Returns whether the places of the keys, read back past the page
    cache, held zeros and nothing else. May be done again. Raises: MediaFailing.
    """
    if record is not None and record.state is not HoldState.ERASING:
        record = rewrite(medium, replace(record, state=HoldState.ERASING), sign)
    end = record.segments_offset if record is not None else _end_of_slots(medium)
    pieces = [(start, min(_PIECE_SIZE, end - start)) for start in range(SLOTS_OFFSET, end, _PIECE_SIZE)]
    for start, size in pieces:
        # Written, not released: a file system may answer a released range with zeros and keep its cells.
        medium.write_at(start, bytes(size))
    medium.flush()
    verified = all(is_zero(medium.reread_at(start, size)) for start, size in pieces)
    medium.zero(end, max(0, medium.size_bytes - end))
    medium.flush()
    return verified


def blank_record(medium: Medium) -> None:
    """Procedure *erase a hold*, step 5: names and reasons go too. Raises: MediaFailing."""
    medium.write_at(0, bytes(min(SLOTS_OFFSET, medium.size_bytes)))
    medium.flush()


def _end_of_slots(medium: Medium) -> int:
    """Where keys can end in a hold that has lost both copies of its record: at the first segment.

    Without a segment there is none but what a torn creation left: before the last byte that is not zero.
    """
    used = SLOTS_OFFSET
    for start in range(SLOTS_OFFSET, medium.size_bytes, _PIECE_SIZE):
        piece = medium.read_at(start, min(_PIECE_SIZE, medium.size_bytes - start))
        for at in range(0, len(piece), UNIT):
            unit = piece[at : at + UNIT]
            if unit.startswith(SEGMENT_MAGIC):
                return start + at
            if not is_zero(unit):
                used = start + at + len(unit)
    return used
