"""Fragments are read and moved in time without touching anything else; any bytes give a value or DataLoss."""

from __future__ import annotations

import struct

import pytest
from custodystand import Recorded
from hypothesis import given, settings
from hypothesis import strategies as st

from edgecam.core.errors import DataLoss
from edgecam.custody.evidence.boxes import InitFacts, read_fragment, read_init, retimed, walk


def test_a_real_init_and_its_fragments_are_read(recorded: Recorded) -> None:
    init = read_init(recorded.init)
    facts = [read_fragment(fragment, init) for fragment in recorded.fragments]

    assert [fact.samples for fact in facts] == [10, 10, 5]
    assert [fact.sequence for fact in facts] == [1, 2, 3]
    assert [fact.decode_time for fact in facts] == [0, 10 * init.timescale // 15, 20 * init.timescale // 15]
    assert facts[0].duration == 10 * init.timescale // 15


def test_a_moved_fragment_differs_in_twelve_bytes_at_most(recorded: Recorded) -> None:
    init = read_init(recorded.init)
    original = recorded.fragments[1]
    facts = read_fragment(original, init)

    moved = bytes(retimed(original, facts, 4_000_000_000, 1 << 63))

    after = read_fragment(moved, init)
    assert (after.sequence, after.decode_time) == (4_000_000_000, 1 << 63)
    changed = {i for i, (a, b) in enumerate(zip(original, moved, strict=True)) if a != b}
    fields = {
        *range(facts.sequence_at, facts.sequence_at + 4),
        *range(facts.decode_time_at, facts.decode_time_at + 8),
    }
    assert changed <= fields
    assert bytes(retimed(moved, after, facts.sequence, facts.decode_time)) == original


@pytest.mark.parametrize(("sequence", "decode_time"), [(1 << 32, 0), (-1, 0), (0, 1 << 64), (0, -1)])
def test_a_place_that_does_not_fit_is_refused(recorded: Recorded, sequence: int, decode_time: int) -> None:
    facts = read_fragment(recorded.fragments[0], read_init(recorded.init))

    with pytest.raises(DataLoss):
        retimed(recorded.fragments[0], facts, sequence, decode_time)


def test_boxes_with_a_wide_size_are_walked() -> None:
    data = struct.pack(">I4sQ", 1, b"mdat", 20) + b"abcd" + struct.pack(">I4s", 8, b"free")

    assert [(box.kind, box.payload, box.end) for box in walk(data)] == [(b"mdat", 16, 20), (b"free", 28, 28)]


@pytest.mark.parametrize("data", [struct.pack(">I4s", 7, b"free"), struct.pack(">I4s", 9, b"free"), b"\0\0\0"])
def test_impossible_boxes_are_data_loss(data: bytes) -> None:
    with pytest.raises(DataLoss):
        list(walk(data))


@given(st.binary(max_size=400))
def test_any_bytes_are_boxes_or_data_loss(data: bytes) -> None:
    for read in (
        lambda: list(walk(data)),
        lambda: read_init(data),
        lambda: read_fragment(data, InitFacts(1, 1, 1)),
    ):
        try:
            read()
        except DataLoss:
            continue


@settings(deadline=None)
@given(data=st.data())
def test_a_real_fragment_damaged_anywhere_is_read_or_data_loss(recorded: Recorded, data: st.DataObject) -> None:
    init = read_init(recorded.init)
    whole = data.draw(st.sampled_from([recorded.init, recorded.fragments[0][:200] + recorded.fragments[0][-4:]]))
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    for read in (lambda: read_init(bytes(damaged)), lambda: read_fragment(bytes(damaged), init)):
        try:
            read()
        except DataLoss:
            continue
