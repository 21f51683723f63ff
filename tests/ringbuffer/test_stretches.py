"""Footage without a gap is one stretch, across epochs too; what is over is read once."""

from dataclasses import replace

import pytest
from ringstand import RamMedium, append, at, fragment, make_ring, open_writer

from edgecam.core.clock import TimeTrust
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


@pytest.mark.row("R8")
def test_footage_of_1970_is_told_at_its_true_time_once_that_is_known() -> None:
    medium = RamMedium(1 << 20)
    make_ring(medium)
    writer = open_writer(medium)
    now = told = at(30, trust=TimeTrust.UNSET, leap_s=-at(0).wall_ns / 1e9)
    for number in range(10):
        start = replace(told, mono_ns=at(2 * number).mono_ns, wall_ns=2 * number * 10**9)
        writer.append(fragment(number, start), start, 0, GapCause.NONE)
    stretches = Stretches(RingReader(medium, now=lambda: now))
    (early,) = stretches.between()
    assert (early.start_wall_ns, early.end_wall_ns, early.redated, early.trust) == (0, 20 * 10**9, False, 0)
    now = at(30)
    (found,) = stretches.between(at(5).wall_ns, at(25).wall_ns)
    assert (second(found.start_wall_ns), second(found.end_wall_ns)) == (0, 20)
    assert (found.redated, found.trust) == (True, 0)
    append(writer, 15)
    first, following = stretches.between()
    assert (second(first.start_wall_ns), second(following.start_wall_ns)) == (0, 30)
    assert (first.redated, following.redated) == (True, False)


@pytest.mark.row("R8")
def test_a_gap_between_boots_is_measured_anew_when_time_is_known() -> None:
    medium = RamMedium(1 << 20)
    make_ring(medium)
    writer = open_writer(medium)
    append(writer, 0)
    dark = at(5000, boot=1, booted_s=4990, trust=TimeTrust.UNSET, leap_s=-at(0).wall_ns / 1e9)
    writer = open_writer(medium, dark)
    writer.append(fragment(1, dark), dark, 0, GapCause.POWER)
    append(writer, 2, at(5002, boot=1, booted_s=4990))
    found = Stretches(RingReader(medium)).between()
    told = [(second(s.start_wall_ns), s.gap_ns // 10**9, s.gap_cause) for s in found]
    assert told == [(0, 0, ""), (5000, 4998, "power"), (5002, 0, "")]


@pytest.mark.row("R8")
def test_a_leap_of_the_clock_is_no_stretch_of_years() -> None:
    medium = RamMedium(1 << 20)
    make_ring(medium)
    writer = open_writer(medium)
    append(writer, 0)
    append(writer, 1, at(2, leap_s=10 * 365 * 86_400))
    assert [s.end_wall_ns - s.start_wall_ns for s in Stretches(RingReader(medium)).between()] == [2 * 10**9] * 2
