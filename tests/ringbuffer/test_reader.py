"""Reading: by time, beside the writer, with the owner's secret and without it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import partial

import pytest
from ringstand import (
    DAY_S,
    INIT,
    OWNER,
    SMALL_RING,
    STRANGER,
    TWO_WEEKS,
    RamMedium,
    append,
    at,
    fragment,
    make_ring,
    open_all,
    open_writer,
)

from edgecam.core.clock import TimeTrust
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


UNSET, RESTORED, SYNCED = TimeTrust
IN_1970 = {"trust": UNSET, "leap_s": -at(0).wall_ns / 1e9}


def found_at(reader: RingReader, seconds: float) -> list[int]:
    """What was most likely recorded in the second that begins ``seconds`` into the story."""
    from_ns = at(seconds).wall_ns
    return sequences(list(reader.segments(from_ns, from_ns + 10**9)))


@pytest.mark.row("R8")
def test_footage_of_1970_is_found_at_its_true_time_once_its_boot_is_synchronised() -> None:
    medium = RamMedium(SMALL_RING)
    make_ring(medium)
    writer = open_writer(medium)
    for number in range(20):
        append(writer, number, at(2 * number, **IN_1970))  # type: ignore[arg-type]
    early = RingReader(medium, now=lambda: at(41, **IN_1970))  # type: ignore[arg-type]
    assert found_at(early, 10) == []
    assert len(list(early.segments(0, 10**12))) == 20
    reader = RingReader(medium, now=lambda: at(42))
    assert found_at(reader, 10) == [5]
    assert {dated.redated for dated in reader.dated()} == {True}
    for number in range(20, 30):
        append(writer, number, at(2 * number))
    offline = RingReader(medium)
    assert [found_at(offline, s) for s in (10, 38, 40, 58)] == [[5], [19], [20], [29]]
    assert list(offline.segments(0, 10**12)) == []
    # Its signed header still says what the clock said.
    first = next(offline.segments())
    assert (first.header.trust, first.header.start_wall_ns) == (UNSET, 0)
    assert offline.moment_of(first.header) == at(0).wall_ns


@pytest.mark.row("R8")
def test_a_boot_that_lagged_until_it_was_synchronised_is_found_at_its_true_time() -> None:
    medium = RamMedium(SMALL_RING)
    make_ring(medium)
    writer = open_writer(medium)
    append(writer, 0)
    writer = open_writer(medium, at(6000, 1, 6000, RESTORED, -5000))
    for number, trust, leap_s in ((1, RESTORED, -5000), (2, RESTORED, -5000), (3, SYNCED, 0)):
        append(writer, number, at(6000 + 10 * number, 1, 6000, trust, leap_s))
    reader = RingReader(medium)
    assert [found_at(reader, s) for s in (0, 6010, 6020, 6030, 1010)] == [[0], [1], [2], [3], []]
    assert [dated.redated for dated in reader.dated()] == [False, True, False]


@pytest.mark.row("R8")
def test_where_no_clock_was_ever_trusted_times_stand_as_recorded() -> None:
    medium = RamMedium(SMALL_RING)
    make_ring(medium)
    writer = open_writer(medium)
    append(writer, 0, at(0, **IN_1970))  # type: ignore[arg-type]
    append(writer, 1, at(9000, boot=1, booted_s=8990))
    reader = RingReader(medium)
    assert [dated.redated for dated in reader.dated()] == [False, False]
    assert sequences(list(reader.segments(0, 10**9))) == [0]


@pytest.mark.row("R3")
@pytest.mark.parametrize("trust", TimeTrust)
def test_what_is_past_its_time_is_not_seen_even_before_it_is_erased(trust: TimeTrust) -> None:
    medium = RamMedium(SMALL_RING)
    make_ring(medium)
    writer = open_writer(medium)
    for seconds in (0, 700):
        append(writer, 1, at(seconds))
    now = at(800)
    reader = RingReader(medium, TWO_WEEKS, lambda: now)
    slots = reader.epochs()
    assert len(slots) == 2
    for seconds, left in ((14 * DAY_S - 1, 2), (14 * DAY_S, 1), (14 * DAY_S + 699, 1), (14 * DAY_S + 700, 0)):
        now = at(seconds, trust=trust)
        reader.refresh()
        assert reader.epochs() == slots[2 - left :]
        assert len(list(reader.segments())) == left
        assert [len(list(reader.segments_of(slot))) for slot in slots] == [0] * (2 - left) + [1] * left
        assert RingReader(medium, TWO_WEEKS, partial(at, seconds, trust=trust)).epochs() == slots[2 - left :]
    # They are still there: nobody has erased them.
    assert RingReader(medium).epochs() == slots


@pytest.mark.row("R3")
def test_after_a_start_weeks_later_nothing_past_its_time_is_seen() -> None:
    medium = ring_with(3)
    later = at(15 * DAY_S, boot=1, booted_s=15 * DAY_S - 5)
    assert RingReader(medium, TWO_WEEKS, lambda: later).epochs() == []
    assert len(RingReader(medium, TWO_WEEKS, lambda: replace(later, trust=RESTORED)).epochs()) == 1
