"""Appending, turning epochs, wrapping around, erasing: what was committed stays, what is due goes."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from ringstand import (
    CAMERA,
    DAY_S,
    OTHER_CAMERA,
    RECIPIENTS,
    SMALL_RING,
    TWO_WEEKS,
    RamMedium,
    append,
    at,
    fragment,
    make_ring,
    open_all,
    open_writer,
)

from edgecam.core.clock import Instant, TimeTrust
from edgecam.core.errors import BadInput, MediaFailing
from edgecam.ringbuffer.check import check_ring
from edgecam.ringbuffer.format import NO_HASH, SLOT_SIZE, ErasureReason, GapCause, SegmentHeader, header_hash
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.retention import Retention
from edgecam.ringbuffer.writer import RingWriter


@pytest.fixture
def medium() -> RamMedium:
    medium = RamMedium(SMALL_RING)
    make_ring(medium)
    return medium


def test_a_committed_segment_says_all_of_its_fragment(medium: RamMedium) -> None:
    writer = open_writer(medium)
    start = at(10, trust=TimeTrust.RESTORED)
    piece = replace(fragment(0, start), private=True, frame_count=17)
    header = writer.append(piece, start, 5_000_000_000, GapCause.SOURCE_LOST)
    assert (header.sequence, header.epoch, header.index) == (0, 0, 0)
    assert (header.start_wall_ns, header.start_mono_ns, header.boot_id) == (
        start.wall_ns,
        start.mono_ns,
        start.boot_id,
    )
    assert (header.trust, header.duration_ns, header.frame_count) == (TimeTrust.RESTORED, 2_000_000_000, 17)
    assert (header.gap_ns, header.gap_cause) == (5_000_000_000, GapCause.SOURCE_LOST)
    assert (header.mask_hash, header.private, header.previous_hash) == (piece.mask_hash, True, NO_HASH)
    assert writer.last == header
    assert open_all(medium) == {0: piece.data}


def test_segments_are_chained_over_epochs_and_restarts(medium: RamMedium) -> None:
    headers: list[SegmentHeader] = []
    for _ in range(3):
        writer = open_writer(medium)
        headers += [append(writer, len(headers) + i) for i in range(6)]
    assert [header.sequence for header in headers] == list(range(18))
    for before, after in pairwise(headers):
        assert after.previous_hash == header_hash(before.encode())
    assert len({header.epoch for header in headers}) > 3


@pytest.mark.row("R7")
def test_a_new_writer_knows_the_last_segment(medium: RamMedium) -> None:
    writer = open_writer(medium)
    assert writer.last is None
    header = append(writer, 0)
    assert open_writer(medium).last == header


@pytest.mark.row("K1")
def test_an_epoch_lasts_ten_minutes_at_most() -> None:
    medium = RamMedium(32 << 20)
    make_ring(medium)
    writer = open_writer(medium)
    epochs = [append(writer, i, size=100).epoch for i in range(601)]
    assert epochs == [i // 300 for i in range(601)]


def test_a_changed_init_a_stepped_clock_and_another_boot_turn_the_epoch(medium: RamMedium) -> None:
    writer = open_writer(medium)

    def append_at(moment: Instant, init: bytes = b"one") -> int:
        piece = fragment(0, moment, 100, init=init)
        return writer.append(piece, moment, 0, GapCause.NONE).epoch

    assert append_at(at(0)) == 0
    assert append_at(at(2), b"two") == 1
    assert append_at(at(4, leap_s=0.5), b"two") == 1
    assert append_at(at(6, leap_s=3600), b"two") == 2
    assert append_at(at(8), b"two") == 2, "an epoch opened by a step lasts a minute"
    assert append_at(at(70), b"two") == 3
    assert append_at(at(72, boot=1, booted_s=71), b"two") == 4


def test_civil_days_turn_the_epoch_at_local_midnight(medium: RamMedium) -> None:
    # The story begins at 2027-01-15 08:00 UTC, which is 17:00 in Tokyo.
    tokyo = open_writer(medium, retention=Retention(20, "Asia/Tokyo"))
    midnight_s = 7 * 3600
    assert append(tokyo, 0, at(midnight_s - 4)).epoch == 0
    assert append(tokyo, 1, at(midnight_s - 2)).epoch == 0
    assert append(tokyo, 2, at(midnight_s)).epoch == 1


@pytest.mark.row("R7")
def test_wrapping_around_many_times_keeps_the_newest_and_breaks_nothing(medium: RamMedium) -> None:
    writer = open_writer(medium)
    sizes = [3000 + 7919 * i % 30_000 for i in range(400)]
    written = {}
    for i, size in enumerate(sizes):
        append(writer, i, size=size)
        written[i] = fragment(i, at(0), size).data
        if i % 50 == 49:
            assert check_ring(medium) == []
    opened = open_all(medium)
    assert sum(sizes) > 5 * SMALL_RING
    assert sum(len(data) for data in opened.values()) > SMALL_RING * 0.6
    assert sorted(opened) == list(range(min(opened), 400))
    assert all(written[i] == data for i, data in opened.items())
    erasures = writer.take_erasures()
    assert [e.epoch for e in erasures] == list(range(len(erasures)))
    assert {e.reason for e in erasures} == {ErasureReason.OVERWRITTEN}
    assert all(e.verified for e in erasures)
    assert writer.take_erasures() == []


def test_restarts_beyond_the_slot_table_overwrite_the_oldest_epochs(medium: RamMedium) -> None:
    slot_count = open_writer(medium).superblock.slot_count
    for i in range(slot_count + 3):
        writer = open_writer(medium)
        append(writer, i, size=100)
    assert sorted(open_all(medium)) == list(range(3, slot_count + 3))
    assert check_ring(medium) == []


@pytest.mark.row("R3")
def test_an_epoch_is_erased_when_its_first_footage_reaches_the_retention(medium: RamMedium) -> None:
    writer = open_writer(medium)
    headers = [append(writer, i) for i in range(30)]
    first_of_second = next(header for header in headers if header.epoch == 1)
    second_due_s = 14 * DAY_S + 2 * first_of_second.sequence
    assert writer.erase_due(at(14 * DAY_S - 0.001)) == []
    (first,) = writer.erase_due(at(14 * DAY_S))
    assert (first.epoch, first.reason, first.verified) == (0, ErasureReason.DUE, True)
    assert (first.from_wall_ns, first.to_wall_ns) == (headers[0].start_wall_ns, first_of_second.start_wall_ns)
    assert writer.erase_due(at(second_due_s - 0.001)) == []
    assert [e.epoch for e in writer.erase_due(at(second_due_s))] == [1]
    assert min(open_all(medium)) == next(header.sequence for header in headers if header.epoch == 2)
    assert check_ring(medium) == []


@pytest.mark.row("R3")
def test_nothing_of_an_erased_epoch_is_left_on_the_medium(medium: RamMedium) -> None:
    writer = open_writer(medium)
    for i in range(30):
        append(writer, i)
    reader = RingReader(medium)
    doomed = reader.epochs()[0]
    payloads = [reader.sealed_payload(s) for s in reader.segments() if s.header.epoch == 0]
    assert payloads
    assert writer.erase_due(at(14 * DAY_S))
    image = bytes(medium.image)
    assert doomed.sealed_key not in image
    assert doomed.sealed_init not in image
    for payload in payloads:
        assert all(payload[i : i + 64] not in image for i in range(0, len(payload) - 64, 512))


@pytest.mark.row("R3")
def test_a_ring_whose_footage_is_all_erased_goes_on_where_it_was(medium: RamMedium) -> None:
    writer = open_writer(medium)
    for i in range(30):
        last = append(writer, i)
    erased = writer.erase_due(at(100 * DAY_S))
    assert [e.epoch for e in erased] == list(range(last.epoch + 1))
    assert open_all(medium) == {}
    assert writer.last is None
    other = RamMedium(SMALL_RING, medium.image)
    for ring, reopened in ((medium, writer), (other, open_writer(other))):
        header = append(reopened, 99, at(100 * DAY_S))
        assert header.previous_hash == header_hash(last.encode())
        assert header.sequence == last.sequence + 1
        assert list(open_all(ring)) == [header.sequence]
    assert check_ring(medium) == []


def test_a_table_full_of_epochs_can_be_erased_whole(medium: RamMedium) -> None:
    slot_count = open_writer(medium).superblock.slot_count
    for i in range(slot_count):
        writer = open_writer(medium)
        append(writer, i, size=100)
    assert len(writer.erase_due(at(15 * DAY_S))) == slot_count
    assert check_ring(medium) == []
    assert append(open_writer(medium), 99, at(15 * DAY_S)).sequence == slot_count


def test_an_erasure_that_the_medium_only_pretends_is_not_called_verified(medium: RamMedium) -> None:
    writer = open_writer(medium)
    append(writer, 0)
    append(open_writer(medium), 1)
    writer = open_writer(medium)
    slot = bytes(medium.image[writer.superblock.slot_offset(0) :][:SLOT_SIZE])
    medium.reread_at = lambda offset, size: slot  # type: ignore[method-assign]
    assert [e.verified for e in writer.erase_due(at(14 * DAY_S))] == [False]


def test_days_kept_owed_and_forecast() -> None:
    medium = RamMedium(32 << 20)
    make_ring(medium)
    writer = open_writer(medium)
    assert writer.kept(at(0)).days_forecast == 0
    for i in range(300):
        append(writer, i, size=50_000)
    young = writer.kept(at(600))
    assert young.days_kept == pytest.approx(600 / DAY_S)
    assert young.days_owed == pytest.approx(600 / DAY_S)
    expected_s = writer.superblock.data_size / (53_248 / 2)
    assert young.days_forecast == pytest.approx(expected_s / DAY_S, rel=0.01)
    old = writer.kept(at(20 * DAY_S))
    assert old.days_owed == 14
    assert old.days_kept == pytest.approx(20)


def test_what_was_overwritten_too_early_is_a_shortfall(medium: RamMedium) -> None:
    writer = open_writer(medium)
    for i in range(300):
        append(writer, i)
    kept = writer.kept(at(600))
    assert kept.days_kept < kept.days_owed == pytest.approx(600 / DAY_S)


def test_the_first_failed_write_poisons_the_writer_and_a_new_one_goes_on(medium: RamMedium) -> None:
    writer = open_writer(medium)
    append(writer, 0)
    medium.refuse = lambda verb, offset, size: MediaFailing("EIO") if verb == "flush" else None
    with pytest.raises(MediaFailing, match="EIO"):
        append(writer, 1)
    medium.refuse = lambda verb, offset, size: None
    for use in (lambda: append(writer, 2), lambda: writer.erase_due(at(0))):
        with pytest.raises(MediaFailing, match="not used any more"):
            use()
    again = open_writer(medium)
    assert append(again, 3).sequence in (1, 2)
    assert check_ring(medium) == []


def test_a_fragment_too_large_for_the_ring_is_refused_and_the_writer_goes_on(medium: RamMedium) -> None:
    writer = open_writer(medium)
    with pytest.raises(BadInput, match="too large for a ring"):
        append(writer, 0, size=SMALL_RING // 2)
    assert append(writer, 0).sequence == 0


def test_more_recipients_than_a_slot_holds_are_refused(medium: RamMedium) -> None:
    writer = RingWriter(
        medium,
        sign=CAMERA.sign,
        camera_public=CAMERA.public,
        seal=lambda secret: RECIPIENTS.seal(secret) + bytes(4000),
        retention=TWO_WEEKS,
        now=at(0),
    )
    with pytest.raises(BadInput, match="fewer recipients"):
        append(writer, 0)


def test_the_ring_of_another_camera_is_refused(medium: RamMedium) -> None:
    with pytest.raises(BadInput, match=f"belongs to the camera {CAMERA.camera_id}"):
        RingWriter(
            medium,
            sign=OTHER_CAMERA.sign,
            camera_public=OTHER_CAMERA.public,
            seal=RECIPIENTS.seal,
            retention=TWO_WEEKS,
            now=at(0),
        )
    assert append(open_writer(medium), 0).sequence == 0


def test_a_truncated_ring_and_what_is_no_ring_are_refused(medium: RamMedium) -> None:
    append(open_writer(medium), 0)
    with pytest.raises(BadInput, match="was cut to"):
        open_writer(RamMedium(0, medium.image[: SMALL_RING // 2]))
    for image in (b"", b"short", bytes(SMALL_RING), b"\xff" * SMALL_RING):
        with pytest.raises(BadInput, match="not a ring"):
            open_writer(RamMedium(0, image))


def test_a_medium_that_is_too_small_is_refused() -> None:
    with pytest.raises(BadInput, match="too small"):
        make_ring(RamMedium(SMALL_RING - 1))


@pytest.mark.row("R8")
def test_no_leap_of_the_wall_clock_within_a_boot_erases_early_or_late(medium: RamMedium) -> None:
    writer = open_writer(medium)
    for i in range(10):
        append(writer, i)
    year_s = 365 * DAY_S
    for leap_s in (10 * year_s, -10 * year_s):
        assert writer.erase_due(at(14 * DAY_S - 1, leap_s=leap_s)) == []
    assert len(writer.erase_due(at(14 * DAY_S, leap_s=-10 * year_s))) == 1
