"""A whole ring has no finding; each kind of harm is found under its invariant's number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from ringstand import CAMERA, OTHER_CAMERA, SMALL_RING, RamMedium, append, at, make_ring, open_writer

from edgecam.ringbuffer.check import check_ring
from edgecam.ringbuffer.erasure import grave
from edgecam.ringbuffer.format import HEADER_SIZE, SLOT_SIZE, EpochSlot, ErasureReason, SegmentHeader, decode_slot
from edgecam.ringbuffer.reader import RingReader


def ring() -> RamMedium:
    medium = RamMedium(SMALL_RING)
    make_ring(medium)
    writer = open_writer(medium)
    for i in range(30):
        append(writer, i)
    return medium


def slot_of(medium: RamMedium, epoch: int) -> EpochSlot:
    slot = decode_slot(medium.read_at(RingReader(medium).superblock.slot_offset(epoch), SLOT_SIZE))
    assert isinstance(slot, EpochSlot)
    return slot


def put_slot(medium: RamMedium, slot: EpochSlot) -> None:
    medium.write_at(RingReader(medium).superblock.slot_offset(slot.epoch), slot.encode())


def spoil_second_superblock(medium: RamMedium) -> None:
    medium.image[4096 + 9] ^= 1


def spoil_both_superblocks(medium: RamMedium) -> None:
    medium.image[9] ^= 1
    medium.image[4096 + 9] ^= 1


def spoil_a_slot(medium: RamMedium) -> None:
    medium.image[RingReader(medium).superblock.slot_offset(2) + 200] ^= 1


def erase_in_the_middle(medium: RamMedium) -> None:
    slot, follower = slot_of(medium, 2), slot_of(medium, 3)
    dug = replace(grave(slot, follower, ErasureReason.DUE), discarded=True)
    medium.write_at(RingReader(medium).superblock.slot_offset(2), dug.encode())


def cut_an_epoch_short(medium: RamMedium) -> None:
    reader = RingReader(medium)
    last = [stored for stored in reader.segments() if stored.header.epoch == 1][-1]
    medium.zero(reader.superblock.byte_offset(last.position), HEADER_SIZE)


def let_an_epoch_reach_into_the_next(medium: RamMedium) -> None:
    slot = slot_of(medium, 3)
    put_slot(medium, replace(slot, position=slot.position - 4096).signed(CAMERA.sign))


def break_the_chain(medium: RamMedium) -> None:
    put_slot(medium, replace(slot_of(medium, 4), previous_hash=bytes(32)).signed(CAMERA.sign))


def sign_a_slot_as_somebody_else(medium: RamMedium) -> None:
    put_slot(medium, slot_of(medium, 1).signed(OTHER_CAMERA.sign))


def sign_the_last_segment_as_somebody_else(medium: RamMedium) -> None:
    reader = RingReader(medium)
    stored = list(reader.segments())[-1]
    forged: SegmentHeader = stored.header.signed(OTHER_CAMERA.sign)
    medium.write_at(reader.superblock.byte_offset(stored.position), forged.encode())


def flip_a_bit_of_a_body(medium: RamMedium) -> None:
    reader = RingReader(medium)
    stored = next(reader.segments())
    medium.image[reader.superblock.byte_offset(stored.position) + HEADER_SIZE + 99] ^= 4


def test_a_whole_ring_has_no_finding_and_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    medium = ring()
    assert check_ring(medium, lambda done, count: told.append((done, count))) == []
    count = len(RingReader(medium).epochs())
    assert told == [(i + 1, count) for i in range(count)]


@pytest.mark.parametrize(
    ("harm", "invariant", "epoch"),
    [
        (spoil_second_superblock, 1, None),
        (spoil_both_superblocks, 1, None),
        (spoil_a_slot, 2, 2),
        (erase_in_the_middle, 3, 2),
        (cut_an_epoch_short, 5, 1),
        (let_an_epoch_reach_into_the_next, 6, 2),
        (break_the_chain, 7, 4),
        (sign_a_slot_as_somebody_else, 8, 1),
        (sign_the_last_segment_as_somebody_else, 8, 7),
        (flip_a_bit_of_a_body, 9, 0),
    ],
)
def test_harm_is_found(harm: Callable[[RamMedium], None], invariant: int, epoch: int | None) -> None:
    medium = ring()
    harm(medium)
    findings = check_ring(medium)
    assert (invariant, epoch) in {(finding.invariant, finding.epoch) for finding in findings}
    assert findings[0].invariant <= invariant


def test_a_ring_may_be_checked_while_it_is_written() -> None:
    medium = ring()
    writer = open_writer(medium)
    number = 30

    def write_on(done: int, count: int) -> None:
        nonlocal number
        for _ in range(12):
            append(writer, number, at(2 * number))
            number += 1

    assert check_ring(medium, write_on) == []
    assert writer.take_erasures()
