"""Footage that only holds have still is handed out sealed, once, and no longer than its hold lasts."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.stoodclock import StoodClock
from holdstand import DAY_NS, TERM, hold_in_folder, new_store, ring_with, wall_ns
from ringstand import CAMERA, OWNER, at

from edgecam.custody.evidence.heldciphertext import HeldCiphertext
from edgecam.custody.holds import Holds
from edgecam.custody.register.register import Register
from edgecam.ringbuffer.format import HEADER_SIZE, SegmentHeader
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.retention import Retention
from edgecam.ringbuffer.sealing import EpochKey

pytestmark = [pytest.mark.row("R4"), pytest.mark.row("W3")]
# Five segments of two seconds each are an epoch.
EPOCH_S = 10


class Stand:
    """A ring of eight epochs, holds of it in a folder, and a ring that has forgotten all but ``live`` epochs."""

    def __init__(self, folder: Path) -> None:
        self.medium, _ = ring_with(40)
        self.ring = RingReader(self.medium)
        self.ring_id = self.ring.superblock.ring_id
        self.clock = StoodClock(at(100))
        register = Register(folder / "register.jsonl", CAMERA.sign, CAMERA.public, self.clock)
        self.store = new_store(folder / "holds")
        holds = Holds(self.store, register, Retention(14), self.clock)
        self.live: set[tuple[bytes, int]] = set()
        self.held = HeldCiphertext(holds, folder / "no.ring", lambda: self.live)

    def hold(self, from_s: float, to_s: float) -> str:
        return hold_in_folder(self.store, self.medium, from_s, to_s).hold_id

    def numbers(self, from_s: float, to_s: float, every_s: int = 0) -> list[int]:
        """Sequence numbers of what is handed out; each is opened with the owner's key."""
        keys = {}
        for epoch in self.held.epochs(wall_ns(from_s), wall_ns(to_s)):
            keys[epoch.slot.epoch] = EpochKey(OWNER.unseal(epoch.slot.sealed_key))
            assert epoch.camera_public == CAMERA.public
        found = []
        for sealed in self.held.segments(wall_ns(from_s), wall_ns(to_s), every_s * 1_000_000_000):
            header = SegmentHeader.decode(sealed[:HEADER_SIZE])
            keys[header.epoch].open_segment(header.index, sealed[HEADER_SIZE:], header.sealed_with)
            found.append(header.sequence)
        return found


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return Stand(tmp_path)


def test_a_camera_without_holds_has_nothing_besides_its_ring(stand: Stand) -> None:
    assert stand.numbers(0, 80) == []
    assert stand.held.covered(wall_ns(0), wall_ns(80)) == []


def test_the_held_span_is_covered_and_opens_with_the_owners_key(stand: Stand) -> None:
    stand.hold(12, 35)
    assert stand.numbers(0, 80) == list(range(6, 18))
    assert stand.numbers(20, 24) == [10, 11]
    (whole,) = {(one.private, one.held) for one in stand.held.covered(wall_ns(0), wall_ns(80))}
    assert whole == (False, True)
    pieces = stand.held.covered(wall_ns(0), wall_ns(80))
    assert (pieces[0].start_wall_ns, pieces[-1].end_wall_ns) == (wall_ns(12), wall_ns(36))
    assert stand.held.covered(wall_ns(40), wall_ns(80)) == []


def test_what_the_ring_shows_still_is_left_to_the_ring(stand: Stand) -> None:
    stand.hold(12, 35)
    stand.live = {(stand.ring_id, 2), (stand.ring_id, 3)}
    assert stand.numbers(0, 80) == list(range(6, 10))
    assert [one.end_wall_ns for one in stand.held.covered(wall_ns(0), wall_ns(80))] == [wall_ns(20)]
    stand.live = {(b"another ring's id", 1)}
    assert len(stand.numbers(0, 80)) == 12


def test_two_holds_of_the_same_time_give_it_once(stand: Stand) -> None:
    stand.hold(12, 24)
    stand.hold(16, 30)
    assert stand.numbers(0, 80) == list(range(6, 15))


def test_a_hold_that_has_ended_gives_nothing_although_it_is_not_erased_yet(stand: Stand) -> None:
    stand.hold(12, 24)
    stand.clock.instant = at(100 + TERM.life_ns / 1e9 - 60)
    assert stand.numbers(0, 80)
    stand.clock.instant = at(100 + TERM.life_ns / 1e9 + 60)
    assert stand.numbers(0, 80) == []
    assert stand.held.covered(wall_ns(0), wall_ns(80)) == []
    assert TERM.life_ns > DAY_NS


def test_a_hold_that_is_released_is_forgotten(stand: Stand) -> None:
    hold_id = stand.hold(12, 24)
    assert stand.numbers(0, 80)
    (stand.store.folder / f"{hold_id}.hold").unlink()
    assert stand.numbers(0, 80) == []


def test_of_each_step_the_first_segment_alone(stand: Stand) -> None:
    stand.hold(10, 38)
    assert stand.numbers(10, 40, every_s=10) == [5, 10, 15]


def test_a_damaged_segment_is_left_out(stand: Stand) -> None:
    hold_id = stand.hold(12, 24)
    path = stand.store.folder / f"{hold_id}.hold"
    with stand.store.footage(hold_id) as held:
        offset = [stored.position for stored in held.segments()][2] + HEADER_SIZE + 7
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(data)
    assert stand.numbers(0, 80) == [6, 7, 9, 10, 11]
