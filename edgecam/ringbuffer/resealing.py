"""Sealing the keys of recorded epochs to other recipients; at no instant is an epoch without its key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from edgecam.core.errors import BadInput, DataLoss, MediaFailing, NotAllowed, Unavailable
from edgecam.keys.camera import signed_by
from edgecam.ringbuffer.erasure import leftovers
from edgecam.ringbuffer.format import SLOT_CAPACITY, SLOT_SIZE, EpochSlot, Sign, Superblock
from edgecam.ringbuffer.medium import Medium
from edgecam.ringbuffer.openepoch import Seal
from edgecam.ringbuffer.reader import Unseal
from edgecam.ringbuffer.recovery import Recovered, check_camera, read_superblock, recover
from edgecam.ringbuffer.sealing import EpochKey
from edgecam.ringbuffer.table import SlotTable

_INIT_SIZE = 1024  # ours have 800
# What of a slot a sealed key may take.
MOST_SEALED_KEY_SIZE = SLOT_CAPACITY - _INIT_SIZE


@dataclass(frozen=True, slots=True)
class Resealed:
    """``epochs`` were sealed anew; ``unopened`` stay as they were, because the secret does not open them."""

    epochs: int
    unopened: int


def reseal(
    medium: Medium,
    *,
    camera_public: bytes,
    sign: Sign,
    unseal: Unseal,
    seal: Seal,
    on_epoch: Callable[[int, int], None] | None = None,
) -> Resealed:
    """Procedure *reseal*: every live epoch's key, opened by ``unseal``, sealed by ``seal`` and signed by ``sign``.

    The caller holds the medium's lock: no writer is at work. ``on_epoch`` is told (epochs done, epochs in all).
    When it is cut off, doing it again completes it. Raises: BadInput when there is no ring, another camera's, or a
    slot cannot hold the new key; NotAllowed when the secret opens none of the epochs; Unavailable when an erasure
    is unfinished or no slot is free; MediaFailing.
    """
    superblock = read_superblock(medium)
    check_camera(superblock, camera_public)
    recovered = recover(medium, superblock)
    if finish_resealing(medium, superblock, recovered.table):
        recovered = recover(medium, superblock)
    if not recovered.table.live:
        return Resealed(0, 0)
    spare = _spare_place(superblock, recovered)
    # All of them before the first write: whatever can be refused is refused while nothing has changed.
    anew = [new for slot in recovered.table.live if (new := sealed_anew(slot, unseal, seal, sign))]
    if not anew:
        raise NotAllowed(
            "this secret opens none of the recorded footage",
            do="use that of a recipient",
            safe="nothing was changed",
        )
    for done, slot in enumerate(anew, 1):
        for place in (spare, slot.epoch):
            medium.write_at(superblock.slot_offset(place), slot.encode())
            medium.flush()
        if on_epoch is not None:
            on_epoch(done, len(anew))
    _blank(medium, superblock, spare)
    return Resealed(len(anew), len(recovered.table.live) - len(anew))


def finish_resealing(medium: Medium, superblock: Superblock, table: SlotTable) -> bool:
    """What a cut-off `reseal` left: a stray whose own slot is damaged goes home, then its place is blanked.

    Whether anything was written, and ``table`` is therefore out of date. Raises: MediaFailing.
    """
    erased = table.erased[-1].epoch if table.erased else -1
    for place, slot in table.strays:
        spare = (max(table.newest, slot.epoch) + 1) % table.slot_count
        ours = signed_by(superblock.camera_public, slot.signature, slot.signed_part)
        # Any other stray is a write gone astray or somebody's doing: it stays what it is, a damaged slot.
        if place != spare or not ours or slot.epoch <= erased:
            continue
        if slot.epoch % table.slot_count in table.damaged:
            medium.write_at(superblock.slot_offset(slot.epoch), slot.encode())
            medium.flush()
        _blank(medium, superblock, place)
        return True
    return False


def _spare_place(superblock: Superblock, recovered: Recovered) -> int:
    """The place of the epoch after the newest: nothing that anybody needs, and the next epoch overwrites it."""
    table = recovered.table
    spare = (table.newest + 1) % table.slot_count
    # Keys that are gone already do not matter here, unless their bytes still wait and the note of that lies there.
    gone = {dug.epoch for dug in table.erased if dug.epoch % table.slot_count != spare}
    if any(dug.epoch not in gone for dug in leftovers(table, superblock, recovered.coming).now):
        raise Unavailable(
            "an erasure that was cut off is not finished in this ring",
            do="start edgecam, stop it, and do this again",
            safe="nothing was changed",
        )
    # With one slot fewer, a torn write there would look like the oldest epoch's interrupted erasure.
    if table.newest + 2 - table.slot_count >= table.live[0].epoch:
        raise Unavailable(
            "every slot of the ring's table is in use",
            do="do this again when the oldest footage has been erased",
            safe="nothing was changed",
        )
    if spare in table.unreadable:
        raise MediaFailing(
            "the slot that resealing needs cannot be read", do="export the footage, replace the card"
        )
    return spare


def sealed_anew(slot: EpochSlot, unseal: Unseal, seal: Seal, sign: Sign) -> EpochSlot | None:
    """``slot`` under other recipients; ``None`` when ``unseal`` does not give the key that opens it.

    Raises: BadInput when it cannot hold the new key.
    """
    try:
        secret = unseal(slot.sealed_key)
        EpochKey(secret).open_init(slot.sealed_init, slot.sealed_with)
    except (NotAllowed, DataLoss):
        return None
    sealed_key = seal(secret)
    if len(sealed_key) + len(slot.sealed_init) > SLOT_CAPACITY:
        raise BadInput(
            f"epoch {slot.epoch} has no room for a key of {len(sealed_key)} bytes",
            do="seal to fewer recipients",
            safe="nothing was changed",
        )
    return replace(slot, sealed_key=sealed_key).signed(sign)


def _blank(medium: Medium, superblock: Superblock, place: int) -> None:
    medium.write_at(superblock.slot_offset(place), bytes(SLOT_SIZE))
    medium.flush()
