"""The ring at a glance tells what reading every header tells, as far as a fortnight on one screen can show it."""

from __future__ import annotations

import pytest
from ringstand import INIT, RamMedium, append, at, fragment, make_ring, open_writer

from edgecam.core.clock import NS_PER_S
from edgecam.ringbuffer.format import GapCause
from edgecam.ringbuffer.overview import Covered, Overview
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.stretches import Stretches
from edgecam.ringbuffer.writer import RingWriter

_T0_NS = at(0).wall_ns


def overview(medium: RamMedium) -> Overview:
    reader = RingReader(medium)
    return Overview(reader, Stretches(reader))


def told(medium: RamMedium, from_s: float = -100, to_s: float = 100_000) -> list[tuple[float, float, bool]]:
    found = overview(medium).between(_T0_NS + round(from_s * NS_PER_S), _T0_NS + round(to_s * NS_PER_S))
    return [
        ((piece.start_wall_ns - _T0_NS) / NS_PER_S, (piece.end_wall_ns - _T0_NS) / NS_PER_S, piece.private)
        for piece in found
    ]


def filled(*numbers: range, private: range = range(0)) -> RamMedium:
    """Segments of two seconds with those numbers; a new writer for each range."""
    medium = RamMedium(64 << 20)
    make_ring(medium)
    for run in numbers:
        writer = open_writer(medium, at(2 * run.start))
        for number in run:
            _append(writer, number, number in private)
    return medium


def _append(writer: RingWriter, number: int, private: bool) -> None:
    if not private:
        append(writer, number, size=500)
        return
    moment = at(2 * number)
    shown = fragment(number, moment, 500)
    hidden = type(shown)(INIT, shown.data, shown.start_mono_ns, shown.end_mono_ns, 30, bytes(32), True)
    writer.append(hidden, moment, 0, GapCause.NONE)


@pytest.mark.row("W3")
def test_unbroken_footage_is_one_piece() -> None:
    assert told(filled(range(2000))) == [(0, 4000, False)]


def test_a_gap_between_runs_is_told_exactly() -> None:
    assert told(filled(range(700), range(1000, 1500))) == [(0, 1400, False), (2000, 3000, False)]


def test_a_gap_inside_an_epoch_is_told_exactly() -> None:
    medium = RamMedium(64 << 20)
    make_ring(medium)
    writer = open_writer(medium)
    for number in [*range(100), *range(150, 800)]:
        append(writer, number, size=500)
    assert told(medium) == [(0, 200, False), (300, 1600, False)]


def test_a_private_time_over_epochs_is_told() -> None:
    assert told(filled(range(2000), private=range(500, 1300))) == [
        (0, 1000, False),
        (1000, 2600, True),
        (2600, 4000, False),
    ]


def test_only_what_touches_the_range_is_told_and_nothing_of_an_empty_ring() -> None:
    assert told(filled(range(1000)), 3000, 4000) == []
    medium = RamMedium(1 << 20)
    make_ring(medium)
    assert told(medium) == []


def test_another_look_reads_the_newest_epoch_alone() -> None:
    medium = filled(range(5000))
    looking = overview(medium)
    looking.between(_T0_NS, _T0_NS + 10_000 * NS_PER_S)
    reads: list[int] = []
    medium.refuse = lambda verb, offset, size: reads.append(offset)
    again = looking.between(_T0_NS, _T0_NS + 10_000 * NS_PER_S)
    assert again == [Covered(_T0_NS, _T0_NS + 10_000 * NS_PER_S, False)]
    assert len(reads) < 400
