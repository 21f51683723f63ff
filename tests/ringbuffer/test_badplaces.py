"""Places that refuse to be written or read: told from a medium that is away, stepped over, remembered."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ringstand import DAY_S, SMALL_RING, RamMedium, append, at, make_ring, open_all, open_writer

from edgecam.core.errors import MediaFailing
from edgecam.ringbuffer.badplaces import BadPlaces, Extent
from edgecam.ringbuffer.check import check_ring
from edgecam.ringbuffer.format import SLOT_SIZE, ErasureReason
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.recovery import read_superblock
from edgecam.ringbuffer.table import read_table
from edgecam.ringbuffer.writer import RingWriter

pytestmark = pytest.mark.row("R9")

Refusal = Callable[[str, int, int], MediaFailing | None]


def refusing(verbs: str, *extents: Extent) -> Refusal:
    """A medium on which some of ``extents`` refuse ``verbs``."""

    def refuse(verb: str, offset: int, size: int) -> MediaFailing | None:
        hit = verb in verbs.split() and any(extent.touches(offset, size) for extent in extents)
        return MediaFailing(f"it refuses to {verb} there") if hit else None

    return refuse


def record(medium: RamMedium, bad: BadPlaces, number: int) -> RingWriter:
    """Commit fragment ``number`` with as many fresh writers as it takes; the one that did it."""
    for _ in range(6):
        try:
            writer = open_writer(medium, at(2 * number), bad=bad)
            append(writer, number)
            return writer
        except MediaFailing:
            continue
    raise AssertionError("no writer found a place for it")


def fragments_of(medium: RamMedium) -> dict[bytes, int]:
    return {data: sequence for sequence, data in open_all(medium).items()}


def ring() -> RamMedium:
    medium = RamMedium(SMALL_RING)
    make_ring(medium)
    return medium


class MarkingMedium(RamMedium):
    """Once ``only_marks`` is set, `zero` leaves the bytes where they are, as one that unmaps them does."""

    only_marks = False

    def zero(self, offset: int, size: int) -> None:
        if not self.only_marks:
            super().zero(offset, size)


def head_offset(medium: RamMedium, writer: RingWriter) -> int:
    """Where on the medium the next record goes."""
    last = list(RingReader(medium).segments())[-1]
    return writer.superblock.byte_offset(last.end_position)


def test_a_bad_place_is_stepped_over_and_the_fragment_is_kept() -> None:
    medium, bad = ring(), BadPlaces()
    writer = record(medium, bad, 0)
    place = Extent(head_offset(medium, writer) + 4096, 4096)
    medium.refuse = refusing("write", place)
    with pytest.raises(MediaFailing):
        append(writer, 1)
    record(medium, bad, 1)
    record(medium, bad, 2)
    assert len(fragments_of(medium)) == 3
    assert bad.avoided(place.offset, place.size) is not None
    assert check_ring(medium) == []


def test_a_bad_place_that_shows_only_at_the_flush_is_found_too() -> None:
    medium, bad = ring(), BadPlaces()
    writer = record(medium, bad, 0)
    place, touched = Extent(head_offset(medium, writer), 4096), []

    def refuse(verb: str, offset: int, size: int) -> MediaFailing | None:
        if verb == "write" and place.touches(offset, size):
            touched.append(offset)
        if verb == "flush" and touched:
            touched.clear()
            return MediaFailing("written back in vain")
        return None

    medium.refuse = refuse
    with pytest.raises(MediaFailing):
        append(writer, 1)
    record(medium, bad, 1)
    assert len(fragments_of(medium)) == 2
    assert bad.size_bytes


def test_a_bad_place_is_not_tried_again_on_the_next_lap(tmp_path: Path) -> None:
    medium, bad = ring(), BadPlaces(tmp_path / "bad.json")
    writer = record(medium, bad, 0)
    place = Extent(head_offset(medium, writer), 4096)
    medium.refuse = refusing("write zero", place)
    record(medium, bad, 1)
    known_later = BadPlaces(tmp_path / "bad.json")
    writer = open_writer(medium, at(4), bad=known_later)
    laps = 3 * SMALL_RING // 12288
    for number in range(2, laps):
        append(writer, number)
    assert writer.last is not None
    assert writer.last.sequence == laps - 1
    assert check_ring(medium) == []
    assert known_later.size_bytes == bad.size_bytes


def test_damage_larger_than_a_record_is_passed() -> None:
    medium, bad = ring(), BadPlaces()
    writer = record(medium, bad, 0)
    medium.refuse = refusing("write", Extent(head_offset(medium, writer), 100_000 // 4096 * 4096))
    record(medium, bad, 1)
    assert len(fragments_of(medium)) == 2


def _away_for(verbs: str) -> Callable[[str, int, int], MediaFailing | None]:
    return lambda verb, offset, size: MediaFailing("away") if verb in verbs else None


def test_a_medium_that_is_away_has_no_bad_places() -> None:
    medium, bad = ring(), BadPlaces()
    record(medium, bad, 0)
    for verbs in ("write", "flush", "write flush", "write flush read"):
        medium.refuse = _away_for(verbs)
        with pytest.raises(MediaFailing):
            append(open_writer(medium, at(2), bad=bad), 1)
    medium.refuse = lambda verb, offset, size: None
    record(medium, bad, 1)
    assert bad.size_bytes == 0
    assert len(fragments_of(medium)) == 2


def test_a_slot_that_cannot_be_written_is_passed_over_and_readers_follow() -> None:
    medium, bad = ring(), BadPlaces()
    record(medium, bad, 0)
    superblock = read_superblock(medium)
    reader = RingReader(medium)
    medium.refuse = refusing("write", *(Extent(superblock.slot_offset(n), SLOT_SIZE) for n in (1, 2)))
    record(medium, bad, 1)
    reader.refresh()
    assert [slot.epoch for slot in reader.epochs()] == [0, 3]
    assert len(fragments_of(medium)) == 2
    assert check_ring(medium) == []


def test_a_key_that_cannot_be_overwritten_is_told_and_recording_goes_on() -> None:
    medium, bad = ring(), BadPlaces()
    record(medium, bad, 0)
    record(medium, bad, 1)
    superblock = read_superblock(medium)
    medium.refuse = refusing("write", Extent(superblock.slot_offset(0), SLOT_SIZE))
    later = at(15 * DAY_S)
    with pytest.raises(MediaFailing):
        open_writer(medium, later, bad=bad)
    writer = open_writer(medium, later, bad=bad)
    erased = {erasure.epoch: erasure.verified for erasure in writer.take_erasures()}
    assert erased == {0: False, 1: True}
    append(writer, 2, later)
    medium.refuse = lambda verb, offset, size: None
    again = open_writer(medium, later, bad=BadPlaces())
    assert [(e.epoch, e.verified) for e in again.take_erasures()] == [(0, True)]
    assert list(open_all(medium)) == [2]


def test_an_unreadable_header_at_the_head_costs_no_committed_footage() -> None:
    medium = ring()
    writer = open_writer(medium)
    for number in range(6):
        append(writer, number)
    stored = list(RingReader(medium).segments())
    place = Extent(writer.superblock.byte_offset(stored[4].position), 4096)
    medium.refuse = refusing("read", place)
    opened_before = fragments_of(medium)
    assert len(opened_before) == 5
    writer = open_writer(medium, at(12))
    append(writer, 6)
    medium.refuse = lambda verb, offset, size: None
    assert len(fragments_of(medium)) == 7


def test_an_unreadable_last_header_is_not_written_over() -> None:
    medium = ring()
    writer = open_writer(medium)
    for number in range(6):
        append(writer, number)
    stored = list(RingReader(medium).segments())
    medium.refuse = refusing("read", Extent(writer.superblock.byte_offset(stored[5].position), 4096))
    writer = open_writer(medium, at(12))
    header = append(writer, 6)
    assert header.sequence > 5
    medium.refuse = lambda verb, offset, size: None
    assert len(fragments_of(medium)) == 7


@pytest.mark.parametrize("unreadable", [0, 1, 2, 3])
def test_an_unreadable_slot_keeps_its_bytes_and_its_number(unreadable: int) -> None:
    medium = ring()
    for number in range(4):
        append(open_writer(medium, at(2 * number)), number)
    before = fragments_of(medium)
    superblock = read_superblock(medium)
    medium.refuse = refusing("read", Extent(superblock.slot_offset(unreadable), SLOT_SIZE))
    assert [f.invariant for f in check_ring(medium)].count(2) == 1
    for number in range(4, 8):
        append(open_writer(medium, at(2 * number)), number)
    medium.refuse = lambda verb, offset, size: None
    after = fragments_of(medium)
    assert before.keys() <= after.keys()
    assert len(after) == 8


def test_an_unreadable_slot_is_destroyed_with_the_next_younger_one() -> None:
    medium = ring()
    for number in range(4):
        append(open_writer(medium, at(2 * number)), number)
    superblock = read_superblock(medium)
    medium.refuse = refusing("read", Extent(superblock.slot_offset(1), SLOT_SIZE))
    writer = open_writer(medium, at(15 * DAY_S))
    assert {erasure.epoch for erasure in writer.take_erasures()} == {0, 1, 2, 3}
    medium.refuse = lambda verb, offset, size: None
    assert read_table(medium, superblock).live == ()


def test_a_medium_on_which_no_slot_can_be_read_is_failing_and_not_empty() -> None:
    medium = ring()
    append(open_writer(medium), 0)
    superblock = read_superblock(medium)
    table = Extent(superblock.table_offset, superblock.slot_count * SLOT_SIZE)
    medium.refuse = refusing("read", table)
    with pytest.raises(MediaFailing):
        open_writer(medium, at(2))
    medium.refuse = lambda verb, offset, size: None
    assert len(fragments_of(medium)) == 1


@pytest.mark.parametrize("reason", [ErasureReason.DUE, ErasureReason.OVERWRITTEN])
def test_the_bytes_of_a_held_epoch_are_overwritten_for_certain(reason: ErasureReason) -> None:
    medium = MarkingMedium(SMALL_RING)
    make_ring(medium)
    held: set[int] = {0}
    writer = open_writer(medium, is_held=held.__contains__)
    append(writer, 0)
    first = next(RingReader(medium).segments())
    writer.end_epoch()
    offset = writer.superblock.byte_offset(first.position)
    sealed = bytes(medium.image[offset : offset + first.header.record_size])
    medium.only_marks = True
    number = 1
    if reason is ErasureReason.DUE:
        erased = writer.erase_due(at(15 * DAY_S))
    else:
        while not (erased := writer.take_erasures()):
            append(writer, number, size=40_000)
            number += 1
    assert next((e.epoch, e.reason, e.verified) for e in erased) == (0, reason, True)
    assert sealed[-5000:] not in bytes(medium.image)
    assert check_ring(medium) == []


@given(st.text() | st.binary().map(lambda b: b.decode("latin-1")))
def test_any_text_beside_the_ring_is_places_or_nothing(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bad.json"
        path.write_text(text, "utf-8")
        assert BadPlaces(path).size_bytes >= 0
