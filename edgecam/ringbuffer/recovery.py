"""Finding out where a ring goes on, whatever moment it was cut off at; reads only, and at full rings no more."""

from __future__ import annotations

from dataclasses import dataclass

from edgecam.core.errors import BadInput, DataLoss
from edgecam.keys.camera import camera_id, signed_by
from edgecam.ringbuffer.format import (
    SUPERBLOCK_OFFSETS,
    SUPERBLOCK_SIZE,
    EpochSlot,
    SegmentHeader,
    Superblock,
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
    superblock, refusals = None, []
    for offset in SUPERBLOCK_OFFSETS:
        if offset + SUPERBLOCK_SIZE <= medium.size_bytes and superblock is None:
            try:
                superblock = Superblock.decode(medium.read_at(offset, SUPERBLOCK_SIZE))
            except DataLoss as refused:
                refusals.append(refused.what)
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
        offset + SUPERBLOCK_SIZE <= medium.size_bytes and not any(medium.read_at(offset, SUPERBLOCK_SIZE))
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
    if not table.live or table.newest > table.live[-1].epoch:
        return Recovered(table, _after_erased(table), None)
    newest = table.live[-1]
    segments = list(walk(medium, superblock, newest))
    if not segments:
        return Recovered(table, _instead_of(newest), _last_before(medium, superblock, table))
    last = segments[-1]
    coming = NextEpoch(newest.epoch + 1, last.end_position, last.header.sequence + 1, last.header_hash)
    return Recovered(table, coming, last.header)


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
    before = list(walk(medium, superblock, *table.live[-2:]))
    follows = before and before[-1].header_hash == table.live[-1].previous_hash
    return before[-1].header if follows else None
