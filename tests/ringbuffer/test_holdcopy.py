"""A hold has the ring's records verbatim, of the range and nothing more, whatever happens to the ring meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fakes.medium import RamMedium
from holdstand import hold_in, hold_in_ram, opened, opened_hold, planned, record_for, ring_with, wall_ns
from ringstand import CAMERA, DAY_S, OTHER_CAMERA, at, open_all

from edgecam.core.errors import BadInput, DataLoss
from edgecam.ringbuffer.format import SLOT_SIZE, SegmentHeader
from edgecam.ringbuffer.heldfootage import HeldFootage
from edgecam.ringbuffer.holdcopy import HoldCopy, plan_hold
from edgecam.ringbuffer.holdfile import read_record
from edgecam.ringbuffer.holdrecord import HoldState
from edgecam.ringbuffer.reader import RingReader, StoredSegment

pytestmark = pytest.mark.row("R4")


def test_a_hold_opens_to_what_was_recorded_and_needs_no_ring() -> None:
    ring, _ = ring_with(20)
    everything = open_all(ring)

    held = opened_hold(hold_in_ram(ring, 8, 24))

    assert held == {sequence: everything[sequence] for sequence in range(4, 12)}


def test_the_range_is_rounded_outwards_to_segments() -> None:
    ring, _ = ring_with(20)
    plan = planned(ring, 8.5, 9)
    assert (plan.from_wall_ns, plan.to_wall_ns, plan.segments) == (wall_ns(8), wall_ns(10), 1)
    assert opened_hold(hold_in_ram(ring, 8.5, 9)).keys() == {4}


def test_segments_and_slots_are_the_rings_own_bytes() -> None:
    ring, _ = ring_with(12)
    medium = hold_in_ram(ring, 4, 20)
    held, reader = HeldFootage(medium, CAMERA.public), RingReader(ring)
    ours = {stored.header.sequence: stored for stored in reader.segments()}
    for stored in held.segments():
        size, original = stored.header.record_size, ours[stored.header.sequence]
        there = ring.read_at(reader.superblock.byte_offset(original.position), size)
        assert medium.read_at(stored.position, size) == there
    for slot in held.epochs():
        there = ring.read_at(reader.superblock.slot_offset(slot.epoch), SLOT_SIZE)
        assert medium.read_at(held.record.slot_offset(slot.epoch), SLOT_SIZE) == there
    assert [slot.epoch for slot in held.epochs()] == [0, 1]
    assert held.superblock == reader.superblock


def test_a_range_of_a_hold_is_found_by_time() -> None:
    ring, _ = ring_with(20)
    held = HeldFootage(hold_in_ram(ring, 0, 40), CAMERA.public)
    found = [stored.header.sequence for stored in held.segments(wall_ns(13), wall_ns(15))]
    assert found == [6, 7]
    assert [slot.epoch for slot in held.epochs_between(wall_ns(13), wall_ns(15))] == [1]
    assert [stored.header.sequence for stored in held.segments_of(held.epochs()[1])] == [5, 6, 7, 8, 9]


def test_nothing_in_the_range_is_no_plan() -> None:
    ring, _ = ring_with(5)
    assert plan_hold(RingReader(ring), wall_ns(100), wall_ns(200)) is None


def test_what_is_damaged_is_left_out_and_counted() -> None:
    ring, _ = ring_with(10)
    reader = RingReader(ring)
    third = next(stored for stored in reader.segments() if stored.header.sequence == 3)
    ring.image[reader.superblock.byte_offset(third.position) + 1000] ^= 1

    plan = planned(ring, 0, 20)
    medium = RamMedium(plan.size_bytes)
    copy = HoldCopy(ring, reader, medium, record_for(plan, ring), CAMERA.sign)
    record = copy.run(plan, wall_ns(0), wall_ns(20))

    assert (record.count.kept, record.count.damaged, record.count.erased) == (9, 1, 0)
    assert [header.sequence for header in copy.damaged] == [3]
    assert opened_hold(medium).keys() == {0, 1, 2, 4, 5, 6, 7, 8, 9}


class ErasedUnderItsEyes(RingReader):
    """A reader that has listed segment ``until`` when the recorder erases all that is due."""

    def watch(self, erase: object, until: int) -> None:
        self._erase, self._until = erase, until

    def segments(self, from_wall_ns: int | None = None, to_wall_ns: int | None = None) -> Iterator[StoredSegment]:
        for stored in super().segments(from_wall_ns, to_wall_ns):
            if stored.header.sequence == self._until:
                assert callable(self._erase)
                self._erase()
            yield stored


@pytest.mark.parametrize("until", [0, 3, 5, 7])
def test_footage_erased_while_it_is_copied_is_counted_and_no_key_is_taken_after_that(until: int) -> None:
    ring, writer = ring_with(10)
    plan = planned(ring, 0, 20)
    reader = ErasedUnderItsEyes(ring)
    # The first epoch is due at this moment, the second is not.
    reader.watch(lambda: writer.erase_due(at(14 * DAY_S + 5)), until)
    medium = RamMedium(plan.size_bytes)

    record = HoldCopy(ring, reader, medium, record_for(plan, ring), CAMERA.sign).run(plan, wall_ns(0), wall_ns(20))

    assert record.count.kept + record.count.erased == 10
    assert record.count.damaged == 0
    held = HeldFootage(medium, CAMERA.public)
    assert opened(held).keys() == set(range(until if until < 5 else 5)) | set(range(5, 10))
    assert (0 in {slot.epoch for slot in held.epochs()}) == (until > 0)


def test_the_record_is_on_the_medium_before_any_key_is() -> None:
    ring, _ = ring_with(10)
    plan = planned(ring, 0, 20)
    medium = RamMedium(plan.size_bytes)
    seen: list[HoldState] = []
    reader = RingReader(ring)
    superblock = reader.superblock

    class Watching(RamMedium):
        def read_at(self, offset: int, size: int) -> bytes:
            if superblock.table_offset <= offset < superblock.data_offset:
                record = read_record(medium, CAMERA.public)
                assert record is not None, "a slot was read for copying before the hold said so"
                seen.append(record.state)
            return super().read_at(offset, size)

    watched = Watching(0, ring.image)
    copy = HoldCopy(watched, reader, medium, record_for(plan, ring), CAMERA.sign)
    copy.run(plan, wall_ns(0), wall_ns(20))
    assert set(seen) == {HoldState.COPYING}


def test_what_nothing_can_be_read_of_is_refused() -> None:
    ring, _ = ring_with(2)
    reader = RingReader(ring)
    for stored in reader.segments():
        ring.image[reader.superblock.byte_offset(stored.position) + 600] ^= 1
    plan = plan_hold(reader, wall_ns(0), wall_ns(20))
    assert plan is not None
    medium = RamMedium(plan.size_bytes)
    with pytest.raises(DataLoss, match="nothing"):
        hold_in(medium, ring, 0, 20, plan)


def test_a_flipped_bit_costs_one_segment() -> None:
    ring, _ = ring_with(10)
    medium = hold_in_ram(ring, 0, 20)
    held = HeldFootage(medium, CAMERA.public)
    stored = list(held.segments())
    medium.image[stored[4].position + 50] ^= 1  # its header
    medium.image[stored[6].position + 1000] ^= 1  # its payload
    found = list(held.segments())
    assert [one.header.sequence for one in found] == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    with pytest.raises(DataLoss, match="segment 6 of the hold is damaged"):
        held.sealed_payload(found[5])


@pytest.mark.parametrize("offset", [100, 5000])
def test_either_copy_of_the_head_is_enough(offset: int) -> None:
    ring, _ = ring_with(5)
    medium = hold_in_ram(ring, 0, 10)
    medium.image[offset] ^= 1
    assert len(opened_hold(medium)) == 5


def test_another_cameras_hold_is_refused() -> None:
    ring, _ = ring_with(5)
    medium = hold_in_ram(ring, 0, 10)
    with pytest.raises(BadInput, match="not made by this camera"):
        HeldFootage(medium, OTHER_CAMERA.public)


def test_on_segment_is_told_of_each() -> None:
    ring, _ = ring_with(5)
    plan, told = planned(ring, 0, 10), list[SegmentHeader]()
    medium = RamMedium(plan.size_bytes)
    HoldCopy(ring, RingReader(ring), medium, record_for(plan, ring), CAMERA.sign, told.append).run(
        plan, wall_ns(0), wall_ns(10)
    )
    assert [header.sequence for header in told] == [0, 1, 2, 3, 4]
