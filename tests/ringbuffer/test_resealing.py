"""Recorded footage goes over to other recipients: every epoch, or nothing is touched."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pyrage
import pytest
from fakes.medium import RamMedium, Written
from ringstand import (
    CAMERA,
    OTHER_CAMERA,
    OWNER,
    RECIPIENTS,
    SMALL_RING,
    STRANGER,
    append,
    at,
    make_ring,
    open_all,
    open_writer,
)

from edgecam.core.errors import BadInput, MediaFailing, NotAllowed, Unavailable
from edgecam.keys.owner import OwnerIdentity, Recipients
from edgecam.keys.sealing import SealingKind, Together, most_recipients, sealing
from edgecam.ringbuffer.check import check_ring
from edgecam.ringbuffer.format import SLOT_CAPACITY, SLOT_SIZE, EpochSlot, decode_slot
from edgecam.ringbuffer.openepoch import Seal
from edgecam.ringbuffer.reader import RingReader, Unseal
from edgecam.ringbuffer.recovery import read_superblock
from edgecam.ringbuffer.resealing import MOST_SEALED_KEY_SIZE, Resealed, finish_resealing, reseal
from edgecam.ringbuffer.table import SlotTable, read_table

pytestmark = pytest.mark.row("K1")

NEXT_OWNER = OwnerIdentity(pyrage.x25519.Identity.generate())


def ring_of(epochs: int, segments: int = 2) -> RamMedium:
    """A ring with so many live epochs of so many segments."""
    medium = RamMedium(SMALL_RING)
    make_ring(medium)
    for epoch in range(epochs):
        writer = open_writer(medium)
        for segment in range(segments):
            append(writer, epoch * segments + segment, size=500)
    return medium


def over(medium: RamMedium, *owners: OwnerIdentity, unseal: Unseal = OWNER.unseal) -> Resealed:
    """Hand all footage over to ``owners``."""
    recipients = Recipients([owner.recipient() for owner in owners])
    return reseal(medium, camera_public=CAMERA.public, sign=CAMERA.sign, unseal=unseal, seal=recipients.seal)


def table_of(medium: RamMedium) -> SlotTable:
    return read_table(medium, read_superblock(medium))


def opened_by(medium: RamMedium, owner: OwnerIdentity) -> int:
    """How many live epochs ``owner`` opens, init and all."""
    reader, count = RingReader(medium), 0
    for slot in reader.epochs():
        try:
            reader.open_epoch(slot, owner.unseal)
        except NotAllowed:
            continue
        count += 1
    return count


def test_every_epoch_goes_over_and_the_old_owner_opens_none() -> None:
    medium = ring_of(5)
    before = open_all(medium)
    assert over(medium, NEXT_OWNER) == Resealed(5, 0)
    assert (opened_by(medium, NEXT_OWNER), opened_by(medium, OWNER)) == (5, 0)
    assert over(medium, OWNER, unseal=NEXT_OWNER.unseal) == Resealed(5, 0)
    assert open_all(medium) == before
    assert check_ring(medium) == []


def test_nothing_of_a_slot_changes_but_the_key_and_the_signature() -> None:
    medium = ring_of(3)
    before = table_of(medium).live
    over(medium, NEXT_OWNER)
    for old, new in zip(before, table_of(medium).live, strict=True):
        assert new.sealed_key != old.sealed_key
        assert replace(new, sealed_key=old.sealed_key, signature=old.signature) == old
        assert new.sealed_with == old.sealed_with


def test_the_old_sealed_keys_are_nowhere_in_the_ring() -> None:
    medium = ring_of(4)
    old = [slot.sealed_key for slot in table_of(medium).live]
    over(medium, NEXT_OWNER)
    assert not [key for key in old if key in medium.image]
    # Nor is a second copy of a new one: erasing a slot must stay enough.
    for slot in table_of(medium).live:
        assert medium.image.count(slot.sealed_key) == 1


def test_only_slots_are_written() -> None:
    medium = ring_of(4)
    superblock = read_superblock(medium)
    medium.start_journal()
    over(medium, NEXT_OWNER)
    written = [act for act in medium.journal or () if isinstance(act, Written)]
    assert len(written) == 2 * 4 + 1
    for act in written:
        assert superblock.table_offset <= act.offset < superblock.data_offset
        assert len(act.data) == SLOT_SIZE


def test_an_empty_ring_has_nothing_to_reseal() -> None:
    assert over(ring_of(0), NEXT_OWNER) == Resealed(0, 0)


def test_an_epoch_without_a_segment_goes_over_too() -> None:
    medium = ring_of(2)
    writer = open_writer(medium)
    medium.refuse = lambda verb, offset, size: (
        MediaFailing("no") if verb == "write" and offset >= writer.superblock.data_offset else None
    )
    with pytest.raises(MediaFailing):
        append(writer, 9)
    medium.refuse = lambda verb, offset, size: None
    assert over(medium, NEXT_OWNER) == Resealed(3, 0)
    assert append(open_writer(medium), 9).sequence == 4
    assert check_ring(medium) == []


def test_the_ring_goes_on_after_it() -> None:
    medium = ring_of(3)
    over(medium, NEXT_OWNER)
    writer = open_writer(medium)
    assert append(writer, 6).epoch == 3
    assert writer.take_erasures() == []
    assert check_ring(medium) == []


def test_epochs_of_somebody_else_stay_as_they_are() -> None:
    medium = ring_of(2)
    over(medium, NEXT_OWNER)
    append(open_writer(medium), 9)
    assert over(medium, NEXT_OWNER) == Resealed(1, 2)
    assert opened_by(medium, NEXT_OWNER) == 3


def refused_without_a_write(
    medium: RamMedium, kind: type[Exception], match: str, unseal: Unseal = OWNER.unseal
) -> None:
    before = bytes(medium.image)
    with pytest.raises(kind, match=match):
        over(medium, NEXT_OWNER, unseal=unseal)
    assert medium.image == before


def test_a_secret_that_opens_nothing_changes_nothing() -> None:
    refused_without_a_write(ring_of(2), NotAllowed, "opens none", STRANGER.unseal)


def test_a_key_that_does_not_open_the_epoch_is_never_sealed_anew() -> None:
    refused_without_a_write(ring_of(2), NotAllowed, "opens none", lambda sealed: bytes(32))


def test_another_cameras_ring_is_refused() -> None:
    medium = ring_of(1)
    with pytest.raises(BadInput, match="belongs to the camera"):
        reseal(
            medium,
            camera_public=OTHER_CAMERA.public,
            sign=OTHER_CAMERA.sign,
            unseal=OWNER.unseal,
            seal=RECIPIENTS.seal,
        )


def test_a_full_table_is_refused() -> None:
    slots = read_superblock(ring_of(0)).slot_count
    for epochs in (slots - 1, slots, slots + 3):
        refused_without_a_write(ring_of(epochs, segments=1), Unavailable, "every slot")
    assert over(ring_of(slots - 2, segments=1), NEXT_OWNER) == Resealed(slots - 2, 0)


def test_an_unfinished_erasure_comes_first() -> None:
    medium = ring_of(3)
    superblock = read_superblock(medium)
    offset = superblock.slot_offset(0)
    medium.image[offset + 600 : offset + 640] = bytes(40)
    refused_without_a_write(medium, Unavailable, "not finished")
    open_writer(medium)
    assert over(medium, NEXT_OWNER) == Resealed(2, 0)


def test_as_many_recipients_as_promised_fit_and_more_are_refused() -> None:
    medium = ring_of(1)
    most = most_recipients(SealingKind.OWNER, MOST_SEALED_KEY_SIZE)
    others = [OwnerIdentity(pyrage.x25519.Identity.generate()) for _ in range(most - 1)]
    for _ in range(20):  # age files of the same recipients differ in size
        over(medium, OWNER, *others)
    before = bytes(medium.image)
    with pytest.raises(BadInput, match="no room"):
        over(medium, OWNER, *others, *others)
    assert medium.image == before
    assert 10 <= most <= SLOT_CAPACITY // 98


@pytest.mark.row("K6")
def test_footage_goes_over_to_two_people_and_back_only_with_both() -> None:
    medium, both = ring_of(3), Together(OWNER, NEXT_OWNER)
    two = sealing(SealingKind.TWO_PERSON, [OWNER.recipient()], [NEXT_OWNER.recipient()], MOST_SEALED_KEY_SIZE)

    def resealed(unseal: Unseal, seal: Seal) -> Resealed:
        return reseal(medium, camera_public=CAMERA.public, sign=CAMERA.sign, unseal=unseal, seal=seal)

    assert resealed(OWNER.unseal, two.seal) == Resealed(3, 0)
    reader = RingReader(medium)
    assert not [slot for slot in reader.epochs() if opens(reader, slot, OWNER.unseal)]
    assert not [slot for slot in reader.epochs() if opens(reader, slot, NEXT_OWNER.unseal)]
    assert len([slot for slot in reader.epochs() if opens(reader, slot, both.unseal)]) == 3
    before = bytes(medium.image)
    for alone in (OWNER, NEXT_OWNER):
        with pytest.raises(NotAllowed, match="opens none"):
            resealed(alone.unseal, RECIPIENTS.seal)
    assert medium.image == before
    assert resealed(both.unseal, RECIPIENTS.seal) == Resealed(3, 0)
    assert opened_by(medium, OWNER) == 3


def opens(reader: RingReader, slot: EpochSlot, unseal: Unseal) -> bool:
    try:
        reader.open_epoch(slot, unseal)
    except NotAllowed:
        return False
    return True


def test_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    reseal(
        ring_of(3),
        camera_public=CAMERA.public,
        sign=CAMERA.sign,
        unseal=OWNER.unseal,
        seal=RECIPIENTS.seal,
        on_epoch=lambda done, total: told.append((done, total)),
    )
    assert told == [(1, 3), (2, 3), (3, 3)]


# --- strays -----------------------------------------------------------------------------------------------------


def with_stray(medium: RamMedium, place: int, slot: EpochSlot) -> RamMedium:
    offset = read_superblock(medium).slot_offset(place)
    medium.image[offset : offset + SLOT_SIZE] = slot.encode()
    return medium


def damage(medium: RamMedium, epoch: int) -> None:
    offset = read_superblock(medium).slot_offset(epoch)
    medium.image[offset + 500 : offset + 520] = hashlib.sha256(b"damage").digest()[:20]


def finish(medium: RamMedium) -> bool:
    return finish_resealing(medium, read_superblock(medium), table_of(medium))


def test_readers_and_writers_never_take_a_stray_for_an_epoch() -> None:
    medium = ring_of(3)
    before = open_all(medium)
    with_stray(medium, 3, table_of(medium).live[1])
    reader = RingReader(medium)
    assert [slot.epoch for slot in reader.epochs()] == [0, 1, 2]
    assert open_all(medium) == before
    reader.refresh()
    assert [slot.epoch for slot in reader.epochs()] == [0, 1, 2]
    writer = open_writer(medium)
    assert table_of(medium).strays == ()
    assert append(writer, 6).epoch == 3
    assert writer.take_erasures() == []


def test_a_stray_goes_home_when_its_own_slot_is_damaged() -> None:
    medium = ring_of(3)
    slots = table_of(medium).live
    for slot in slots:
        again = with_stray(RamMedium(SMALL_RING, medium.image), 3, slot)
        damage(again, slot.epoch)
        assert finish(again)
        assert table_of(again).live == slots
        assert again.image == medium.image


def test_a_stray_whose_own_slot_is_whole_is_only_taken_away() -> None:
    medium = ring_of(3)
    older = table_of(medium).live[0]
    over(medium, NEXT_OWNER)
    before = bytes(medium.image)
    assert finish(with_stray(medium, 3, older))
    assert medium.image == before


def test_a_stray_that_this_camera_did_not_sign_goes_nowhere() -> None:
    medium = ring_of(3)
    forged = table_of(medium).live[1].signed(OTHER_CAMERA.sign)
    damage(with_stray(medium, 3, forged), 1)
    assert not finish(medium)
    open_writer(medium)
    assert [slot.epoch for slot in table_of(medium).live] == [0, 2]


def test_a_stray_never_brings_an_erased_epoch_back() -> None:
    medium = ring_of(4)
    copied = table_of(medium).live[1]
    open_writer(medium).erase_due(at(20 * 86_400))
    assert table_of(medium).live == ()
    newest = table_of(medium).newest
    damage(with_stray(medium, newest + 1, copied), 1)
    assert not finish(medium)
    open_writer(medium)
    assert table_of(medium).live == ()


def test_a_slot_written_to_any_other_place_stays_a_damaged_slot() -> None:
    medium = ring_of(5)
    with_stray(medium, 2, table_of(medium).live[4])
    before = bytes(medium.image)
    assert not finish(medium)
    assert medium.image == before
    assert table_of(medium).damaged == (2,)


def test_slots_are_still_the_format_of_the_document() -> None:
    medium = ring_of(1)
    over(medium, NEXT_OWNER)
    offset = read_superblock(medium).slot_offset(0)
    slot = decode_slot(bytes(medium.image[offset : offset + SLOT_SIZE]))
    assert isinstance(slot, EpochSlot)
    assert slot == table_of(medium).live[0]
