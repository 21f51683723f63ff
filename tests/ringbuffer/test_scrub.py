"""Silent corruption is found by reading, told once, and stops nothing."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from ringstand import RamMedium, append, at, make_ring, open_writer

from edgecam.core.errors import MediaFailing
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.scrub import Damage, Scrub
from edgecam.ringbuffer.walk import StoredSegment
from edgecam.ringbuffer.writer import RingWriter

RING = 1 << 21


class Stand:
    """A ring in RAM with ``segments`` of 12 KiB in several epochs, its writer, and a scrub that proves them all."""

    def __init__(self, segments: int = 60, headers_per_body: int = 1) -> None:
        self.medium = RamMedium(RING)
        make_ring(self.medium)
        self.writer: RingWriter = open_writer(self.medium)
        for number in range(segments):
            append(self.writer, number)
        self.told: list[Damage] = []
        self.refuse: Callable[[str, int, int], MediaFailing | None] = lambda verb, offset, size: None
        self.scrub = Scrub(self._read, self.told.append, headers_per_body=headers_per_body, chance=random.Random(0))

    def _read(self) -> RamMedium:
        medium = RamMedium(0)
        medium.image = self.medium.image
        medium.refuse = lambda verb, offset, size: self.refuse(verb, offset, size)
        return medium

    def stored(self) -> list[StoredSegment]:
        """What the scrub will come to: all but the newest epoch."""
        reader = RingReader(self._read())
        return [stored for slot in reader.epochs()[:-1] for stored in reader.segments_of(slot)]

    def flip(self, stored: StoredSegment, byte: int) -> None:
        self.medium.image[self.writer.superblock.byte_offset(stored.position) + byte] ^= 0x10

    def turns(self, count: int) -> None:
        for _ in range(count):
            self.scrub.turn()


@pytest.mark.row("R9")
def test_a_sound_ring_is_read_whole_and_nothing_is_told() -> None:
    stand = Stand()
    older = len(stand.stored())
    assert older > 30
    stand.turns(older)
    assert stand.scrub.segments_proved == older
    assert stand.told == []
    assert stand.scrub.fault is None
    assert stand.scrub.damaged_segments == 0


@pytest.mark.row("R9")
def test_a_turn_tells_whether_its_round_goes_on() -> None:
    stand = Stand()
    goes_on = [stand.scrub.turn() for _ in range(len(stand.stored()) + 2)]
    assert goes_on == [True] * len(stand.stored()) + [False, True]


@pytest.mark.row("R9")
def test_a_flipped_bit_in_a_body_is_found_and_told_once() -> None:
    stand = Stand()
    victim = stand.stored()[17]
    stand.flip(victim, 5000)
    stand.turns(3 * len(stand.stored()))
    header = victim.header
    assert [(d.first_sequence, d.last_sequence) for d in stand.told] == [(header.sequence, header.sequence)]
    assert (stand.told[0].from_wall_ns, stand.told[0].duration_s) == (header.start_wall_ns, 2)
    assert stand.scrub.damaged_segments == 1
    assert stand.scrub.fault is not None
    assert stand.scrub.fault.sentence == (
        "2 s of footage at 2027-01-15 08:00:34 UTC are damaged on the medium: "
        "check or replace it. Recording goes on."
    )


@pytest.mark.row("R9")
def test_a_flipped_bit_in_a_header_is_a_segment_that_is_missing() -> None:
    stand = Stand()
    victim = stand.stored()[17]
    stand.flip(victim, 40)
    stand.turns(2 * len(stand.stored()) + 4)
    assert [(d.first_sequence, d.last_sequence, d.duration_s) for d in stand.told] == [(17, 17, 2)]


@pytest.mark.row("R9")
def test_the_end_of_an_epoch_that_is_missing_is_told() -> None:
    stand = Stand()
    last = next(s for s, t in zip(stand.stored(), stand.stored()[1:], strict=False) if s.slot != t.slot)
    stand.flip(last, 40)
    stand.turns(2 * len(stand.stored()) + 4)
    assert [(d.first_sequence, d.last_sequence, d.duration_s) for d in stand.told] == [
        (last.header.sequence, last.header.sequence, 2)
    ]


@pytest.mark.row("R9")
def test_several_damages_are_one_sentence() -> None:
    stand = Stand()
    for number in (3, 17, 25):
        stand.flip(stand.stored()[number], 5000)
    stand.turns(len(stand.stored()))
    assert stand.scrub.damaged_segments == 3
    assert stand.scrub.fault is not None
    assert "6 s of footage in 3 places from 2027-01-15 08:00:06 UTC to 2027-01-15 08:00:52 UTC" in (
        stand.scrub.fault.sentence
    )


@pytest.mark.row("R9")
def test_a_place_that_cannot_be_read_is_a_finding_and_no_failure() -> None:
    stand = Stand()
    victim = stand.stored()[9]
    offset = stand.writer.superblock.byte_offset(victim.position)

    def refuse(_verb: str, start: int, size: int) -> MediaFailing | None:
        bad = start < offset + 8192 and offset + 4096 < start + size
        return MediaFailing("the medium reports an error") if bad else None

    stand.refuse = refuse
    stand.turns(2 * len(stand.stored()))
    assert [(d.first_sequence, d.last_sequence) for d in stand.told] == [(9, 9)]


@pytest.mark.row("R9")
def test_an_error_that_passes_is_none() -> None:
    stand = Stand()
    left = [1]

    def refuse(_verb: str, _start: int, size: int) -> MediaFailing | None:
        if size > 8000 and left[0]:
            left[0] -= 1
            return MediaFailing("a bad moment")
        return None

    stand.turns(1)
    stand.refuse = refuse
    stand.turns(len(stand.stored()))
    assert left == [0]
    assert stand.told == []


@pytest.mark.row("R9")
def test_damage_that_can_be_read_again_is_taken_back() -> None:
    stand = Stand()
    victim = stand.stored()[5]
    stand.flip(victim, 5000)
    stand.turns(len(stand.stored()))
    assert stand.scrub.damaged_segments == 1
    stand.flip(victim, 5000)
    stand.turns(len(stand.stored()) + 1)
    assert stand.scrub.damaged_segments == 0
    assert stand.scrub.fault is None


@pytest.mark.row("R9")
def test_a_medium_that_is_away_is_waited_for() -> None:
    stand = Stand()
    stand.turns(3)
    stand.refuse = lambda verb, offset, size: MediaFailing("gone")
    stand.turns(5)
    assert stand.told == []
    stand.refuse = lambda verb, offset, size: None
    stand.turns(len(stand.stored()))
    assert stand.scrub.segments_proved >= len(stand.stored())
    assert stand.told == []


@pytest.mark.row("R9")
def test_wrapping_and_erasure_under_its_eyes_are_no_damage() -> None:
    stand = Stand()
    for number in range(60, 1200):
        append(stand.writer, number)
        if number % 3 == 0:
            stand.scrub.turn()
    stand.writer.erase_due(at(40 * 86_400))
    stand.turns(5)
    assert stand.told == []
    assert stand.scrub.segments_proved > 200


@pytest.mark.row("R9")
def test_an_epoch_erased_between_a_read_and_its_hash_is_no_damage() -> None:
    stand = Stand()
    stand.turns(2)
    erased: list[int] = []

    def refuse(_verb: str, _start: int, size: int) -> MediaFailing | None:
        if size > 8000 and not erased:
            # Just now, in the other thread, everything reaches its time.
            erased.extend(erasure.epoch for erasure in stand.writer.erase_due(at(40 * 86_400)))
        return None

    stand.refuse = refuse
    stand.turns(5)
    assert erased
    assert stand.told == []


@pytest.mark.row("R9")
def test_the_fault_goes_when_the_footage_is_erased_on_time() -> None:
    stand = Stand()
    stand.flip(stand.stored()[0], 5000)
    stand.turns(3)
    assert stand.scrub.damaged_segments == 1
    for number in range(60, 300):
        append(stand.writer, number)
    stand.turns(1)
    assert stand.scrub.damaged_segments == 0
    assert stand.scrub.fault is None


@pytest.mark.row("R9")
def test_bodies_are_picked_by_chance_and_none_is_spared_for_ever() -> None:
    stand = Stand(headers_per_body=20)
    older = len(stand.stored())
    for stored in stand.stored():
        stand.flip(stored, 5000)
    stand.turns(40 * older)
    assert {d.first_sequence for d in stand.told} == {stored.header.sequence for stored in stand.stored()}


@pytest.mark.row("R9")
def test_a_real_file_is_read_past_the_cache_beside_its_writer(tmp_path: Path) -> None:
    medium = FileMedium.create(tmp_path / "ring", RING)
    make_ring(medium)
    writer = open_writer(medium)
    told: list[Damage] = []
    scrub = Scrub(lambda: FileMedium.open(tmp_path / "ring", writable=False), told.append, headers_per_body=1)
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            scrub.turn()

    looking = threading.Thread(target=look)
    looking.start()
    for number in range(600):
        append(writer, number)
    done.set()
    looking.join()
    assert told == []
    assert scrub.segments_proved > 0
    older = [s for s in RingReader(medium).segments() if s.slot != RingReader(medium).epochs()[-1]]
    offset = writer.superblock.byte_offset(older[-1].position) + 3000
    medium.write_at(offset, bytes(byte ^ 1 for byte in medium.read_at(offset, 1)))
    medium.flush()
    for _ in range(2 * len(older)):
        scrub.turn()
    assert [damage.last_sequence for damage in told] == [older[-1].header.sequence]
    writer.close()
