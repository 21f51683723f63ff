"""Footage handed over sealed: the bytes of the medium, opened by who holds the key, and never past its time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ringstand import CAMERA, INIT, OWNER, TWO_WEEKS, append, at, fragment, make_ring, open_writer

from edgecam.core.clock import NS_PER_S, Instant
from edgecam.core.errors import BadInput
from edgecam.custody.evidence.ciphertext import Ciphertext
from edgecam.ringbuffer.format import HEADER_SIZE, GapCause, SegmentHeader
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.sealing import EpochKey
from edgecam.ringbuffer.writer import RingWriter

_T0_NS = at(0).wall_ns
_ALL = (_T0_NS, _T0_NS + 86_400 * NS_PER_S)


class Hand:
    """A clock that a test sets."""

    def __init__(self, second: float) -> None:
        self.second = second

    def __call__(self) -> Instant:
        return at(self.second)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ring.edgecam"


@pytest.fixture
def writer(path: Path) -> Iterator[RingWriter]:
    medium = FileMedium.create(path, 4 << 20)
    make_ring(medium)
    medium.close()
    writer = open_writer(FileMedium.open(path, writable=True))
    yield writer
    writer.close()


def sequences(pieces: Iterator[bytes]) -> list[int]:
    return [SegmentHeader.decode(piece[:HEADER_SIZE]).sequence for piece in pieces]


@pytest.mark.row("W3")
def test_what_is_handed_over_opens_with_the_owners_key(path: Path, writer: RingWriter) -> None:
    for number in range(5):
        append(writer, number)
    sealed = Ciphertext(path, TWO_WEEKS, Hand(20))
    (epoch,) = sealed.epochs(*_ALL)
    assert epoch.camera_public == CAMERA.public
    assert not epoch.redated
    assert epoch.start_wall_ns == _T0_NS
    key = EpochKey(OWNER.unseal(epoch.slot.sealed_key))
    assert key.open_init(epoch.slot.sealed_init, epoch.slot.sealed_with) == INIT
    for number, piece in enumerate(sealed.segments(*_ALL)):
        header = SegmentHeader.decode(piece[:HEADER_SIZE])
        assert header.sequence == number
        assert len(piece) == HEADER_SIZE + header.payload_size
        _, opened = key.open_segment(header.index, piece[HEADER_SIZE:], header.sealed_with)
        assert opened == fragment(number, at(2 * number)).data


def test_footage_that_is_written_meanwhile_is_found(path: Path, writer: RingWriter) -> None:
    append(writer, 0)
    sealed = Ciphertext(path, TWO_WEEKS, Hand(20))
    assert sequences(sealed.segments(*_ALL)) == [0]
    append(writer, 1)
    append(writer, 400)  # beyond ten minutes: another epoch
    assert sequences(sealed.segments(*_ALL)) == [0, 1, 2]
    assert [epoch.slot.epoch for epoch in sealed.epochs(*_ALL)] == [0, 1]


def test_a_span_brings_the_segments_that_show_some_of_it(path: Path, writer: RingWriter) -> None:
    for number in range(10):
        append(writer, number)
    sealed = Ciphertext(path, TWO_WEEKS, Hand(20))
    assert sequences(sealed.segments(_T0_NS + 5 * NS_PER_S, _T0_NS + 9 * NS_PER_S)) == [2, 3, 4]


@pytest.mark.parametrize("every_s", [4, 90, 1200])
def test_samples_are_the_first_of_each_step(path: Path, writer: RingWriter, every_s: int) -> None:
    for number in range(0, 1500, 3):
        append(writer, number, size=400)
    sealed = Ciphertext(path, TWO_WEEKS, Hand(3100))
    every_ns, to_ns = every_s * NS_PER_S, _T0_NS + 3000 * NS_PER_S
    found = [SegmentHeader.decode(p[:HEADER_SIZE]) for p in sealed.segments(_T0_NS, to_ns, every_ns)]
    whole = [SegmentHeader.decode(p[:HEADER_SIZE]) for p in sealed.segments(_T0_NS, to_ns)]
    expected: list[SegmentHeader] = []
    for start_ns in range(_T0_NS, to_ns, every_ns):
        touching = (h for h in whole if h.end_wall_ns > start_ns and h.start_wall_ns < start_ns + every_ns)
        first = next(touching, None)
        if first is not None and first not in expected:
            expected.append(first)
    assert [header.sequence for header in found] == [header.sequence for header in expected]
    epochs = {epoch.slot.epoch for epoch in sealed.epochs(_T0_NS, to_ns, every_ns)}
    assert epochs >= {header.epoch for header in found}


def test_a_sample_is_never_of_a_private_time(path: Path, writer: RingWriter) -> None:
    for number in range(6):
        moment = at(2 * number)
        shown = fragment(number, moment)
        private = type(shown)(INIT, shown.data, shown.start_mono_ns, shown.end_mono_ns, 30, bytes(32), number < 4)
        writer.append(private, moment, 0, GapCause.NONE)
    sealed = Ciphertext(path, TWO_WEEKS, Hand(20))
    assert sequences(sealed.segments(_T0_NS, _T0_NS + 12 * NS_PER_S, 12 * NS_PER_S)) == [4]


@pytest.mark.row("R3")
def test_nothing_past_its_time_is_handed_out_even_while_it_flows(path: Path, writer: RingWriter) -> None:
    for number in range(5):
        append(writer, number)
    clock = Hand(20)
    sealed = Ciphertext(path, TWO_WEEKS, clock)
    flowing = sealed.segments(*_ALL)
    assert next(flowing)
    clock.second = 15 * 86_400
    assert list(flowing) == []
    assert sealed.epochs(*_ALL) == []
    assert list(sealed.segments(*_ALL)) == []


def test_damage_costs_one_segment(path: Path, writer: RingWriter) -> None:
    header = [append(writer, number) for number in range(3)][1]
    image = path.read_bytes()
    at_header = image.index(header.encode())
    with path.open("r+b") as ring:
        ring.seek(at_header + HEADER_SIZE + 100)
        ring.write(b"rotten")
    assert sequences(Ciphertext(path, TWO_WEEKS, Hand(20)).segments(*_ALL)) == [0, 2]


def test_a_camera_without_a_ring_says_so(tmp_path: Path) -> None:
    sealed = Ciphertext(tmp_path / "nothing", TWO_WEEKS, Hand(0))
    with pytest.raises(BadInput, match="no ring"):
        sealed.epochs(*_ALL)
