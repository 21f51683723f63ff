"""Reading: by time, beside the writer, with the owner's secret and without it."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from ringstand import (
    DAY_S,
    INIT,
    OWNER,
    SMALL_RING,
    STRANGER,
    RamMedium,
    append,
    at,
    fragment,
    make_ring,
    open_all,
    open_writer,
)

from edgecam.core.errors import BadInput, DataLoss, NotAllowed
from edgecam.ringbuffer.check import check_ring
from edgecam.ringbuffer.format import content_hash
from edgecam.ringbuffer.reader import RingReader, StoredSegment


def ring_with(count: int) -> RamMedium:
    medium = RamMedium(SMALL_RING)
    make_ring(medium)
    writer = open_writer(medium)
    for i in range(count):
        append(writer, i)
    return medium


def sequences(segments: list[StoredSegment]) -> list[int]:
    return [stored.header.sequence for stored in segments]


def test_an_opened_segment_proves_its_content() -> None:
    reader = RingReader(ring_with(3))
    (slot,) = reader.epochs()
    epoch = reader.open_epoch(slot, OWNER.unseal)
    assert epoch.init == INIT
    assert slot.init_hash == hashlib.sha256(INIT).digest()
    for stored in reader.segments():
        opened = epoch.open(stored.header, reader.sealed_payload(stored))
        assert opened.fragment == fragment(stored.header.sequence, at(0)).data
        assert content_hash(opened.salt, opened.fragment) == stored.header.content_hash


def test_segments_are_found_by_time() -> None:
    reader = RingReader(ring_with(30))
    start_ns = at(0).wall_ns

    def found(from_s: float | None, to_s: float | None) -> list[int]:
        bounds = (None if s is None else start_ns + round(s * 1e9) for s in (from_s, to_s))
        return sequences(list(reader.segments(*bounds)))

    assert found(None, None) == list(range(30))
    assert found(10, 14) == [5, 6]
    assert found(11, 13) == [5, 6]
    assert found(58, None) == [29]
    assert found(None, 0.5) == [0]
    assert found(60, 100) == []
    assert found(-100, 0) == []


@pytest.mark.row("K1")
def test_without_the_owners_secret_nothing_opens() -> None:
    medium = ring_with(3)
    reader = RingReader(medium)
    with pytest.raises(NotAllowed):
        reader.open_epoch(reader.epochs()[0], STRANGER.unseal)
    image = bytes(medium.image)
    for number in range(3):
        plain = fragment(number, at(0)).data
        assert all(plain[i : i + 32] not in image for i in range(0, len(plain) - 32, 32))
    assert INIT[:32] not in image


def test_a_reader_follows_the_writer() -> None:
    medium = ring_with(1)
    reader = RingReader(medium)
    writer = open_writer(medium)
    seen: list[int] = []
    for i in range(1, 200):
        append(writer, i)
        reader.refresh()
        seen.append(max(sequences(list(reader.segments(from_wall_ns=at(2 * i).wall_ns)))))
        assert reader.epochs() == RingReader(medium).epochs()
    assert seen == list(range(1, 200))


def test_an_epoch_erased_under_the_reader_ends_its_walk_and_never_yields_wrong_bytes() -> None:
    medium = ring_with(30)
    reader = RingReader(medium)
    walked = reader.segments()
    stored = next(walked)
    assert open_writer(medium).erase_due(at(14 * DAY_S))
    with pytest.raises(DataLoss, match="segment 0"):
        reader.sealed_payload(stored)
    assert all(stored.header.epoch > 0 for stored in list(walked)[1:])
    reader.refresh()
    assert reader.epochs()[0].epoch == 1


def test_a_flipped_bit_in_a_body_costs_that_segment_only() -> None:
    medium = ring_with(30)
    reader = RingReader(medium)
    victim = list(reader.segments())[7]
    medium.image[reader.superblock.byte_offset(victim.position) + 600] ^= 1
    with pytest.raises(DataLoss, match="segment 7"):
        reader.sealed_payload(victim)
    assert sequences(list(reader.segments())) == list(range(30))
    assert [(f.invariant, f.epoch) for f in check_ring(medium)] == [(9, victim.header.epoch)]


@pytest.mark.parametrize("victim", [0, 1, 6, 27, 28])
def test_a_flipped_bit_in_a_header_costs_that_segment_only(victim: int) -> None:
    medium = ring_with(30)
    reader = RingReader(medium)
    stored = list(reader.segments())[victim]
    medium.image[reader.superblock.byte_offset(stored.position) + 100] ^= 1
    assert sequences(list(reader.segments())) == [i for i in range(30) if i != victim]
    findings = check_ring(medium)
    assert {f.epoch for f in findings} <= {stored.header.epoch, stored.header.epoch + 1}
    assert 5 in {f.invariant for f in findings}
    writer = open_writer(medium)
    assert append(writer, 30).sequence == 30
    assert set(open_all(medium)) == set(range(31)) - {victim}


def test_a_segment_is_not_opened_under_another_header() -> None:
    reader = RingReader(ring_with(3))
    epoch = reader.open_epoch(reader.epochs()[0], OWNER.unseal)
    first, second = list(reader.segments())[:2]
    payload = reader.sealed_payload(first)
    for wrong in (
        second.header,
        replace(first.header, start_wall_ns=first.header.start_wall_ns + 1),
        replace(first.header, epoch=9),
    ):
        with pytest.raises(DataLoss):
            epoch.open(wrong, payload)


def test_what_is_no_ring_is_refused() -> None:
    with pytest.raises(BadInput, match="not a ring"):
        RingReader(RamMedium(SMALL_RING))
