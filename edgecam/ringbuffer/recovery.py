"""Finding out where a ring goes on, whatever moment it was cut off at; reads only, and at full rings no more."""

from __future__ import annotations

from dataclasses import dataclass, replace

from edgecam.core.errors import BadInput, DataLoss, MediaFailing
from edgecam.keys.camera import camera_id, signed_by
from edgecam.ringbuffer.format import (
    HEADER_SIZE,
    MAX_EPOCH_SEGMENTS,
    SUPERBLOCK_OFFSETS,
    SUPERBLOCK_SIZE,
    EpochSlot,
    SegmentHeader,
    Superblock,
    is_zero,
    max_epoch_size,
)
from edgecam.ringbuffer.medium import Medium
from edgecam.ringbuffer.table import NextEpoch, SlotTable, read_table
from edgecam.ringbuffer.walk import walk


@dataclass(frozen=True, slots=True)
class Recovered:
    """A ring's state at its last commit. ``last`` is the newest committed segment, if it still lives."""

    table: SlotTable
    coming: NextEpoch
    last: SegmentHeader | None


def read_superblock(medium: Medium) -> Superblock:
    """The ring's superblock, from either copy (invariant 1).

    Raises: BadInput when there is no ring, or only part of one; MediaFailing.
    """
    superblock, refusals, unread = None, [], None
    for offset in SUPERBLOCK_OFFSETS:
        if offset + SUPERBLOCK_SIZE <= medium.size_bytes and superblock is None:
            try:
                superblock = Superblock.decode(medium.read_at(offset, SUPERBLOCK_SIZE))
            except DataLoss as refused:
                refusals.append(refused.what)
            except MediaFailing as failing:
                unread = failing
    if superblock is None and unread is not None:
        raise unread
    if superblock is None or not signed_by(superblock.camera_public, superblock.signature, superblock.signed_part):
        if _is_blank(medium):
            raise BadInput(
                "this is not a ring: it is blank, because it was disposed of or nothing was ever recorded on it",
                do="run `edgecam setup` to make a new ring of it",
            )
        raise BadInput(
            f"this is not a ring ({refusals[-1] if refusals else 'it carries no valid superblock'})",
            do="name the ring's file; to start over, move this one away",
            safe="nothing was written to it",
        )
    if medium.size_bytes < superblock.size_bytes:
        raise BadInput(
            f"the ring was cut to {medium.size_bytes} of its {superblock.size_bytes} bytes",
            do="restore the whole file, or move it away to start over",
            safe="nothing was written to it",
        )
    return superblock


def _is_blank(medium: Medium) -> bool:
    """Whether both places of a superblock hold zeros: never made, or disposed of."""
    return all(
        offset + SUPERBLOCK_SIZE <= medium.size_bytes and is_zero(medium.read_at(offset, SUPERBLOCK_SIZE))
        for offset in SUPERBLOCK_OFFSETS
    )


def check_camera(superblock: Superblock, camera_public: bytes) -> None:
    """Raises: BadInput when the ring was made by another camera."""
    if superblock.camera_public != camera_public:
        raise BadInput(
            f"this ring belongs to the camera {camera_id(superblock.camera_public)}, "
            f"and this camera is {camera_id(camera_public)}",
            do="name this camera's own ring, or dispose of that one",
            safe="nothing was written to it",
        )


def recover(medium: Medium, superblock: Superblock) -> Recovered:
    """Procedure *recover*, steps 2 to 4. Costs one sweep of the table, one epoch's headers and one body.

    Raises: MediaFailing.
    """
    table = read_table(medium, superblock)
    coming, last = _where_it_goes_on(medium, superblock, table)
    return Recovered(table, _beyond_unreadable_slots(coming, superblock, table), last)


def _where_it_goes_on(
    medium: Medium, superblock: Superblock, table: SlotTable
) -> tuple[NextEpoch, SegmentHeader | None]:
    if not table.live or table.newest > table.live[-1].epoch:
        return _after_erased(table), None
    newest = table.live[-1]
    segments = list(walk(medium, superblock, newest))
    if not segments:
        empty = _instead_of(newest)
        if _is_readable(medium, superblock, newest.position):
            return empty, _last_before(medium, superblock, table)
        return _beyond(superblock, newest, replace(empty, epoch=newest.epoch + 1)), None
    last = segments[-1]
    coming = NextEpoch(newest.epoch + 1, last.end_position, last.header.sequence + 1, last.header_hash)
    if not _is_readable(medium, superblock, last.end_position):
        coming = _beyond(superblock, newest, coming)
    return coming, last.header


def _beyond(superblock: Superblock, epoch: EpochSlot, coming: NextEpoch) -> NextEpoch:
    """Where to go on when nobody can read how far ``epoch`` reaches: behind all that it may hold."""
    return replace(
        coming,
        position=max(coming.position, epoch.position + max_epoch_size(superblock)),
        first_sequence=max(coming.first_sequence, epoch.first_sequence + MAX_EPOCH_SEGMENTS),
    )


def _beyond_unreadable_slots(coming: NextEpoch, superblock: Superblock, table: SlotTable) -> NextEpoch:
    """Slots that come next and cannot be read may be live: neither their numbers nor their bytes are used."""
    while coming.epoch % superblock.slot_count in table.unreadable:
        coming = NextEpoch(
            coming.epoch + 1,
            coming.position + max_epoch_size(superblock),
            coming.first_sequence + MAX_EPOCH_SEGMENTS,
            coming.previous_hash,
        )
    return coming


def _is_readable(medium: Medium, superblock: Superblock, position: int) -> bool:
    try:
        medium.read_at(superblock.byte_offset(position), HEADER_SIZE)
    except MediaFailing:
        return False
    return True


def _after_erased(table: SlotTable) -> NextEpoch:
    if not table.erased:
        return NextEpoch()
    last = table.erased[-1]
    return NextEpoch(last.epoch + 1, last.end_position, last.next_sequence, last.last_hash)


def _instead_of(empty: EpochSlot) -> NextEpoch:
    return NextEpoch(empty.epoch, empty.position, empty.first_sequence, empty.previous_hash)


def _last_before(medium: Medium, superblock: Superblock, table: SlotTable) -> SegmentHeader | None:
    if len(table.live) < 2:
        return None
    before = list(walk(medium, superblock, table.live[-2], table.live[-1]))
    follows = before and before[-1].header_hash == table.live[-1].previous_hash
    return before[-1].header if follows else None
