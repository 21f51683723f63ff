"""Footage without a gap is one stretch, across epochs too; what is over is read once."""

import pytest
from ringstand import RamMedium, append, at, fragment, make_ring, open_writer

from edgecam.ringbuffer.format import HEADER_SIZE, GapCause
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.stretches import Stretches


def second(wall_ns: int) -> int:
    return round((wall_ns - at(0).wall_ns) / 1e9)


def test_segments_without_a_gap_are_one_stretch_across_epochs() -> None:
    medium = RamMedium(1 << 22)
    make_ring(medium)
    writer = open_writer(medium)
    for number in range(400):
        append(writer, number, size=1000)
    reader = RingReader(medium)
    assert len(reader.epochs()) > 1
    (stretch,) = Stretches(reader).between()
    assert (second(stretch.start_wall_ns), second(stretch.end_wall_ns), stretch.segments) == (0, 800, 400)


@pytest.mark.row("C4")
def test_a_gap_and_a_change_of_privacy_begin_a_stretch() -> None:
    medium = RamMedium(1 << 20)
    make_ring(medium)
    writer = open_writer(medium)
    append(writer, 0)
    append(writer, 1)
    writer.append(fragment(9, at(10)), at(10), 6_000_000_000, GapCause.SOURCE_LOST)
    found = Stretches(RingReader(medium)).between()
    told = [(second(s.start_wall_ns), second(s.end_wall_ns), s.gap_ns // 10**9, s.gap_cause) for s in found]
    assert told == [(0, 4, 0, ""), (10, 12, 6, "source_lost")]


def test_a_range_picks_the_stretches_that_touch_it() -> None:
    medium = RamMedium(1 << 20)
    make_ring(medium)
    writer = open_writer(medium)
    append(writer, 0)
    writer.append(fragment(9, at(10)), at(10), 8_000_000_000, GapCause.SOURCE_LOST)
    stretches = Stretches(RingReader(medium))
    assert len(stretches.between(at(1).wall_ns, at(5).wall_ns)) == 1
    assert len(stretches.between(at(1).wall_ns, at(11).wall_ns)) == 2
    assert stretches.between(at(3).wall_ns, at(9).wall_ns) == []


def test_what_is_over_is_read_once_and_what_comes_is_seen() -> None:
    medium = RamMedium(1 << 22)
    make_ring(medium)
    writer = open_writer(medium)
    for number in range(400):
        append(writer, number, size=1000)
    stretches = Stretches(RingReader(medium))
    stretches.between()
    before = medium.read_bytes
    append(writer, 400, size=1000)
    (stretch,) = stretches.between()
    assert stretch.segments == 401
    cost = medium.read_bytes - before
    medium.read_bytes = 0
    Stretches(RingReader(medium)).between()
    newest = RingReader(RamMedium(0, medium.image)).epochs()[-1]
    assert medium.read_bytes - cost >= newest.first_sequence * HEADER_SIZE > 0


def test_what_was_erased_is_not_told_any_more() -> None:
    medium = RamMedium(1 << 20)
    make_ring(medium)
    writer = open_writer(medium)
    append(writer, 0)
    stretches = Stretches(RingReader(medium))
    assert stretches.between()
    writer.erase_due(at(20 * 86_400))
    assert stretches.between() == []
