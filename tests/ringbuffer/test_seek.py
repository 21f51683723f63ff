"""Finding a moment: what a search by time yields is what reading everything yields, and it reads little."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ringstand import RamMedium, append, at, make_ring, open_writer

from edgecam.core.clock import NS_PER_S
from edgecam.ringbuffer.format import HEADER_SIZE
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.recovery import read_superblock

_SIZE = 32 << 20
_T0_NS = at(0).wall_ns


def uneven_ring(seed: int, count: int, sizes: tuple[int, ...], restarts: float = 0.0) -> RamMedium:
    """A ring of ``count`` segments of two seconds, whose sizes change for stretches at a time."""
    chance = random.Random(seed)
    medium = RamMedium(_SIZE)
    make_ring(medium)
    writer, size = open_writer(medium), sizes[0]
    for number in range(count):
        if chance.random() < 0.05:
            size = chance.choice(sizes)
        if chance.random() < restarts:
            writer = open_writer(medium, at(2 * number))
        append(writer, number, size=chance.randrange(size // 2, size))
    return medium


RING = uneven_ring(1, 700, (2_000, 9_000, 60_000, 200_000), restarts=0.005)


def found(reader: RingReader, from_s: float | None, to_s: float | None) -> list[int]:
    bounds = (None if s is None else _T0_NS + round(s * NS_PER_S) for s in (from_s, to_s))
    return [stored.header.sequence for stored in reader.segments(*bounds)]


def expected(reader: RingReader, from_s: float | None, to_s: float | None) -> list[int]:
    everything = [stored.header for slot in reader.epochs() for stored in reader.segments_of(slot)]
    return [
        header.sequence
        for header in everything
        if (from_s is None or header.end_wall_ns > _T0_NS + round(from_s * NS_PER_S))
        and (to_s is None or header.start_wall_ns < _T0_NS + round(to_s * NS_PER_S))
    ]


bound = st.none() | st.floats(-50, 1500)


@pytest.mark.row("R7")
@settings(max_examples=60)
@given(bound, bound)
def test_a_search_yields_what_reading_everything_yields(from_s: float | None, to_s: float | None) -> None:
    reader = RingReader(RING)
    assert found(reader, from_s, to_s) == expected(reader, from_s, to_s)


@settings(max_examples=25)
@given(st.integers(0, 690), st.lists(st.integers(0, 699), max_size=12), st.randoms())
def test_damage_hides_from_a_search_nothing_but_itself(minute: int, hurt: list[int], chance: random.Random) -> None:
    image = bytearray(RING.image)
    superblock = read_superblock(RING)
    stored = {s.header.sequence: s for s in RingReader(RING).segments()}
    for sequence in hurt:
        if sequence in stored:
            place = superblock.byte_offset(stored[sequence].position) + chance.randrange(HEADER_SIZE)
            image[place] ^= 1 << chance.randrange(8)
    reader = RingReader(RamMedium(0, image))
    assert found(reader, 2.0 * minute, 2.0 * minute + 20) == expected(reader, 2.0 * minute, 2.0 * minute + 20)


def test_a_search_reads_a_fraction_of_an_epoch() -> None:
    medium = uneven_ring(2, 290, (60_000, 40_000))
    reader = RingReader(medium)
    (first, *_) = reader.epochs()
    assert len(list(reader.segments_of(first))) > 30
    reads: list[int] = []

    def note(verb: str, offset: int, size: int) -> None:
        reads.append(size)

    medium.refuse = note
    late = [stored.header for stored in reader.segments_of(first)][-2]
    whole = len(reads)
    reads.clear()
    since_s = (late.start_wall_ns - _T0_NS) / NS_PER_S
    assert late.sequence in found(reader, since_s, since_s + 1)
    assert len(reads) < whole


@pytest.mark.row("R8")
@pytest.mark.parametrize("leap_s", [-315_360_000, 315_360_000])
def test_a_leap_inside_an_epoch_hides_nothing_from_a_search(leap_s: int) -> None:
    medium = RamMedium(1 << 20)
    make_ring(medium)
    writer = open_writer(medium)
    # A step begins an epoch, which lasts a minute: the leap after it does not end it.
    append(writer, 0, at(0, leap_s=-7200))
    append(writer, 1, at(2))
    append(writer, 2, at(4, leap_s=leap_s))
    append(writer, 3, at(6))
    reader = RingReader(medium)
    assert [slot.epoch for slot in reader.epochs()] == [0, 1]
    assert found(reader, 2, 8) == [1, 2, 3]
    assert found(reader, 4.5, 5.5) == [2]
    assert found(reader, 6.5, 7.5) == [3]
