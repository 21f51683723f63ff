"""Whatever a medium does to a ring: recording goes on, nothing wrong is shown, little is lost and that is named."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from functools import cache

import pytest
from fakes.medium import Buffer
from hypothesis import given, settings
from hypothesis import strategies as st
from ringstand import DAY_S, OWNER, RamMedium, append, at, fragment, make_ring, open_writer

from edgecam.core.clock import NS_PER_S, Instant
from edgecam.core.errors import BadInput, DataLoss, MediaFailing
from edgecam.ringbuffer.badplaces import BadPlaces
from edgecam.ringbuffer.check import check_ring
from edgecam.ringbuffer.committer import Committer
from edgecam.ringbuffer.format import (
    SLOT_SIZE,
    SUPERBLOCK_SIZE,
    UNIT,
    GapCause,
)
from edgecam.ringbuffer.medium import Medium
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.recovery import read_superblock
from edgecam.ringbuffer.writer import RingWriter

pytestmark = pytest.mark.row("R9")

SMALL = 1 << 20
LARGE = 1 << 22


class StoryClock:
    """Tells the story's time, which moves on when somebody sleeps."""

    def __init__(self, passed_s: float) -> None:
        self.passed_s = passed_s

    def now(self) -> Instant:
        return at(self.passed_s)

    def mono_ns(self) -> int:
        return self.now().mono_ns

    def sleep(self, duration_s: float) -> None:
        self.passed_s += duration_s


class Disk:
    """What lies below the page cache; units in ``unwritable`` and ``unreadable`` refuse, ``away`` all of them."""

    def __init__(self, size: int, image: bytes | bytearray | None = None) -> None:
        self.image = bytearray(image) if image is not None else _made(size).image
        self.unwritable: set[int] = set()
        self.unreadable: set[int] = set()
        self.away = False

    def open(self) -> WriteBackMedium:
        return WriteBackMedium(self)


class WriteBackMedium(RamMedium):
    """As the kernel does it: a write goes to RAM, and only the flush meets what the disk refuses.

    What a failed flush did not bring to the disk is gone.
    """

    def __init__(self, disk: Disk) -> None:
        super().__init__(0)
        self.image, self._disk = disk.image, disk
        # What the disk still holds where a write has not been flushed.
        self._dirty: dict[int, bytes] = {}

    def read_at(self, offset: int, size: int) -> bytes:
        refusing = self._disk.unreadable - self._dirty.keys()
        if self._disk.away or not refusing.isdisjoint(_units(offset, size)):
            raise MediaFailing("the medium reports an error")
        return super().read_at(offset, size)

    def write_at(self, offset: int, *buffers: Buffer) -> None:
        self._dirties(offset, sum(map(len, buffers)))
        super().write_at(offset, *buffers)

    def zero(self, offset: int, size: int) -> None:
        self._dirties(offset, size)
        super().zero(offset, size)

    def flush(self) -> None:
        dirty, self._dirty = self._dirty, {}
        refused = {unit for unit in dirty if self._disk.away or unit in self._disk.unwritable}
        for unit in refused:
            self.image[unit * UNIT : (unit + 1) * UNIT] = dirty[unit]
        self._disk.unreadable -= dirty.keys() - refused
        if refused or self._disk.away:
            raise MediaFailing("the medium reports an error")
        super().flush()

    def _dirties(self, offset: int, size: int) -> None:
        for unit in _units(offset, size):
            self._dirty.setdefault(unit, bytes(self.image[unit * UNIT : (unit + 1) * UNIT]))


def _units(offset: int, size: int) -> range:
    return range(offset // UNIT, -(-(offset + size) // UNIT))


def opened(image: bytes | bytearray) -> dict[int, bytes]:
    """What an owner gets out of ``image``, segment by segment, by the fragment's number; only right ones pass."""
    reader = RingReader(RamMedium(0, image))
    found: dict[int, bytes] = {}
    epochs = {slot.epoch: reader.open_epoch(slot, OWNER.unseal) for slot in reader.epochs()}
    for stored in reader.segments():
        try:
            payload = reader.sealed_payload(stored)
        except DataLoss:
            continue
        data = epochs[stored.header.epoch].open(stored.header, payload).fragment
        number = round((stored.header.start_wall_ns - at(0).wall_ns) / NS_PER_S / 2)
        assert data == _data_of(number)
        found[number] = data
    return found


@cache
def _data_of(number: int) -> bytes:
    return fragment(number, at(2 * number)).data


# --- every byte in turn ---------------------------------------------------------------------------------------


@cache
def shapes() -> dict[str, bytes]:
    """Rings as they are found: some epochs, several laps, restarted, erased and begun again."""
    found: dict[str, bytes] = {}
    medium = _made(SMALL)
    writer = open_writer(medium)
    for number in range(12):
        append(writer, number)
    found["young"] = bytes(medium.image)
    for number in range(12, 200):
        append(writer, number)
    found["wrapped"] = bytes(medium.image)
    append(open_writer(medium, at(400)), 200)
    found["restarted"] = bytes(medium.image)
    open_writer(medium, at(20 * DAY_S)).close()
    found["erased"] = bytes(medium.image)
    append(open_writer(RamMedium(0, medium.image), at(20 * DAY_S)), 20 * DAY_S // 2)
    medium = RamMedium(0, found["erased"])
    append(open_writer(medium, at(20 * DAY_S)), 20 * DAY_S // 2)
    found["begun again"] = bytes(medium.image)
    return found


def _made(size: int) -> RamMedium:
    medium = RamMedium(size)
    make_ring(medium)
    return medium


def telling_bytes(image: bytes) -> Iterator[int]:
    """Every byte of ``image`` that says something, and a few of those that are zero."""
    reader = RingReader(RamMedium(0, image))
    block = reader.superblock
    used = [(0, SUPERBLOCK_SIZE), (SUPERBLOCK_SIZE, SUPERBLOCK_SIZE)]
    used += [(block.slot_offset(n), SLOT_SIZE) for n in range(block.slot_count)]
    used += [(block.byte_offset(stored.position), stored.header.record_size) for stored in reader.segments()]
    for start, size in used:
        for place in range(start, start + size):
            if image[place] or place % 512 in (0, 511):
                yield place


def lost_at_most(image: bytes, place: int) -> set[int]:
    """The fragments that the byte at ``place`` carries: those of its segment, or of its slot's epoch."""
    reader = RingReader(RamMedium(0, image))
    block = reader.superblock
    carried: set[int] = set()
    for stored in reader.segments():
        offset = block.byte_offset(stored.position)
        slot = block.slot_offset(stored.header.epoch)
        if slot <= place < slot + SLOT_SIZE or offset <= place < offset + stored.header.record_size:
            carried.add(round((stored.header.start_wall_ns - at(0).wall_ns) / NS_PER_S / 2))
    return carried


def flip_and_look(image: bytes, place: int, bit: int) -> None:
    """The promise for one flipped bit."""
    before = opened(image)
    flipped = bytearray(image)
    flipped[place] ^= 1 << bit
    after = opened(flipped)
    lost = before.keys() - after.keys()
    assert lost <= lost_at_most(image, place), (place, bit)
    findings = check_ring(RamMedium(0, flipped))
    assert findings or not (lost - _newest(image)), (place, bit)
    assert all(finding.what for finding in findings)

    medium = RamMedium(0, flipped)
    now = at(30 * DAY_S if max(before, default=0) > DAY_S else 1000)
    writer = open_writer(medium, now)
    went_on = append(writer, round((now.wall_ns - at(0).wall_ns) / NS_PER_S / 2), now)
    writer.close()
    rest = opened(medium.image)
    assert went_on.sequence >= 0
    assert rest.keys() - after.keys() == {round((now.wall_ns - at(0).wall_ns) / NS_PER_S / 2)}, (place, bit)
    # To make room, or to finish erasing, the oldest epoch may go; nothing else.
    gone = sorted(after.keys() - rest.keys())
    assert gone == sorted(after)[: len(gone)], (place, bit)
    assert len(gone) <= 6, (place, bit)


def _newest(image: bytes) -> set[int]:
    """The fragments of the newest epoch: there, damage and a write that was cut off look alike."""
    reader = RingReader(RamMedium(0, image))
    newest = reader.epochs()[-1:]
    stored = [stored for slot in newest for stored in reader.segments_of(slot)]
    return {round((s.header.start_wall_ns - at(0).wall_ns) / NS_PER_S / 2) for s in stored}


@pytest.mark.parametrize("shape", ["young", "wrapped", "restarted", "erased", "begun again"])
def test_a_flipped_bit_costs_one_segment_or_one_epoch_and_is_named(shape: str) -> None:
    image = shapes()[shape]
    chance = random.Random(shape)
    for place in chance.sample(list(telling_bytes(image)), 25):
        flip_and_look(image, place, chance.randrange(8))


@pytest.mark.long
@pytest.mark.parametrize("shape", ["young", "wrapped", "restarted", "erased", "begun again"])
def test_every_byte_that_says_something_may_flip(shape: str) -> None:
    image = shapes()[shape]
    chance = random.Random(shape)
    places = list(telling_bytes(image))
    heads = [place for place in places if place < SUPERBLOCK_SIZE or place % UNIT < 400]
    for place in chance.sample(heads, min(len(heads), 1200)) + chance.sample(places, 200):
        flip_and_look(image, place, chance.randrange(8))


def test_segments_behind_a_damaged_newest_slot_are_not_taken_for_those_of_the_epoch_after_it() -> None:
    image = shapes()["young"]
    newest = RingReader(RamMedium(0, image)).epochs()[-1]
    flip_and_look(image, read_superblock(RamMedium(0, image)).slot_offset(newest.epoch) + 144, 3)


# --- places that refuse, under the committer ---------------------------------------------------------------------


class Camera:
    """A committer over ``disk``; fragments of two seconds, one after the other."""

    def __init__(self, disk: Disk, delivered: int = 0) -> None:
        self.disk, self.bad, self.clock = disk, BadPlaces(), StoryClock(2.0 * delivered)
        self._before = self.delivered = delivered
        cause = GapCause.RESTART if delivered else GapCause.FIRST_START
        self.committer = Committer(self._open(), self._open, self.clock, lambda erasures: None, cause)

    def _open(self) -> RingWriter:
        return open_writer(self.disk.open(), self.clock.now(), bad=self.bad)

    def record(self, count: int, tries: int = 40) -> None:
        """Deliver ``count`` fragments, and let the committer try ``tries`` times more than it needs."""
        for _ in range(count):
            self.committer.deliver(fragment(self.delivered, at(2 * self.delivered)))
            self.delivered += 1
            self.clock.passed_s = max(self.clock.passed_s, 2.0 * self.delivered)
        for _ in range(count + tries):
            if not self.missing:
                return
            self.committer.turn(0)

    @property
    def missing(self) -> int:
        """Fragments that are not committed."""
        return self.delivered - self._before - self.committer.segments

    @property
    def faults(self) -> list[str]:
        return [fault.sentence for fault in (self.committer.fault,) if fault is not None]


@settings(max_examples=60)
@given(st.data())
def test_units_that_cannot_be_written_cost_no_fragment(data: st.DataObject) -> None:
    disk = Disk(LARGE)
    block = read_superblock(disk.open())
    table, ahead = block.table_offset // UNIT, block.data_offset // UNIT + 30
    camera = Camera(disk)
    camera.record(10)
    anywhere = st.integers(table, block.size_bytes // UNIT - 1)
    near = st.integers(ahead, ahead + 120) | st.integers(table, table + 12)
    disk.unwritable |= data.draw(st.sets(near | anywhere, max_size=6))
    camera.record(30)
    assert not camera.missing
    assert camera.faults == []
    assert set(opened(disk.image)) == set(range(40))
    assert check_ring(disk.open()) == []


@settings(max_examples=60)
@given(st.data())
def test_units_that_cannot_be_read_cost_no_committed_footage(data: st.DataObject) -> None:
    disk = Disk(LARGE)
    Camera(disk).record(30)
    block = read_superblock(disk.open())
    table, head = block.table_offset // UNIT, block.data_offset // UNIT + 30 * 3
    disk.unreadable |= data.draw(st.sets(st.integers(head - 100, head + 10) | st.integers(table, 20), max_size=3))
    # The process died; the next one finds its way on such a disk.
    camera = Camera(disk, delivered=30)
    camera.record(20)
    assert not camera.missing
    disk.unreadable.clear()
    assert set(opened(disk.image)) == set(range(50))


def test_a_medium_that_is_away_for_half_a_minute_costs_nothing_and_says_so() -> None:
    disk = Disk(LARGE)
    camera = Camera(disk)
    camera.record(5)
    disk.away = True
    for _ in range(15):
        camera.record(1, tries=0)
        assert camera.faults == ["the medium reports an error"]
    assert camera.missing == 15
    disk.away = False
    camera.record(1)
    assert camera.faults == []
    headers = [stored.header for stored in RingReader(disk.open()).segments()]
    assert [header.gap_cause for header in headers] == [GapCause.FIRST_START] + [GapCause.NONE] * 20
    assert set(opened(disk.image)) == set(range(21))
    assert camera.bad.size_bytes == 0
    assert check_ring(disk.open()) == []


def test_what_only_the_page_cache_has_seen_is_not_taken_for_committed() -> None:
    disk = Disk(LARGE)
    camera = Camera(disk)
    camera.record(5)
    disk.unwritable |= set(range(200, 260))
    camera.record(60)
    assert not camera.missing
    starts = [stored.header.start_mono_ns for stored in RingReader(disk.open()).segments()]
    assert len(starts) == len(set(starts)) == 65


def test_a_disk_whose_every_place_refuses_is_away_and_not_bad() -> None:
    disk = Disk(SMALL)
    camera = Camera(disk)
    camera.record(2)
    disk.unwritable |= set(range(SMALL // UNIT))
    camera.record(3, tries=5)
    assert camera.faults
    assert camera.bad.size_bytes == 0
    disk.unwritable.clear()
    camera.record(1)
    assert set(opened(disk.image)) == set(range(6))


@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.5])
def test_nothing_on_a_broken_medium_raises_but_our_errors(share: float) -> None:
    image = shapes()["wrapped"]
    chance = random.Random(share)
    for _ in range(5):
        disk = Disk(0, image)
        everything = range(len(image) // UNIT)
        disk.unreadable = {unit for unit in everything if chance.random() < share}
        disk.unwritable = {unit for unit in everything if chance.random() < share}
        for use in (_write_one, _read_all, check_ring):
            with suppress(BadInput, DataLoss, MediaFailing):
                use(disk.open())


def _write_one(medium: Medium) -> None:
    append(open_writer(medium, at(1000)), 500, at(1000))


def _read_all(medium: Medium) -> None:
    reader = RingReader(medium)
    for stored in reader.segments():
        reader.sealed_payload(stored)


def test_a_disk_that_was_full_below_and_is_not_any_more_is_used_again() -> None:
    disk = Disk(LARGE)
    camera = Camera(disk)
    camera.record(5)
    # A thin disk: what was written has its room, and nothing else gets any.
    written = {unit for unit in range(LARGE // UNIT) if any(disk.image[unit * UNIT : (unit + 1) * UNIT])}
    disk.unwritable |= set(range(LARGE // UNIT)) - written
    camera.record(3)
    assert camera.missing == 3
    assert camera.faults
    disk.unwritable.clear()
    camera.record(1)
    assert not camera.missing
    assert set(opened(disk.image)) == set(range(9))
