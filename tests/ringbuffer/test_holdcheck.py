"""Each broken invariant of a hold is found and named by its number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.medium import RamMedium
from holdstand import hold_in_folder, hold_in_ram, new_store, ring_with
from ringstand import CAMERA, OTHER_CAMERA

from edgecam.ringbuffer.heldfootage import HeldFootage
from edgecam.ringbuffer.holdcheck import check_hold, check_hold_on
from edgecam.ringbuffer.holdfile import destroy, read_record, rewrite

pytestmark = pytest.mark.row("R4")


@pytest.fixture(scope="module")
def image() -> bytes:
    ring, _ = ring_with(10)
    return bytes(hold_in_ram(ring, 0, 20).image)


def flipped(offset_of: Callable[[HeldFootage], int]) -> Callable[[RamMedium], None]:
    def flip(medium: RamMedium) -> None:
        medium.image[offset_of(HeldFootage(medium, CAMERA.public))] ^= 1

    return flip


def recounted(medium: RamMedium) -> None:
    record = read_record(medium, CAMERA.public)
    assert record is not None
    rewrite(medium, replace(record, count=replace(record.count, kept=11)), CAMERA.sign)


def swapped(medium: RamMedium) -> None:
    held = HeldFootage(medium, CAMERA.public)
    first, second = list(held.segments())[:2]
    size = first.header.record_size
    one, other = (medium.read_at(stored.position, size) for stored in (first, second))
    medium.write_at(first.position, other, one)


def slot_of_another(medium: RamMedium) -> None:
    record = read_record(medium, CAMERA.public)
    assert record is not None
    slot = HeldFootage(medium, CAMERA.public).epochs()[1].signed(OTHER_CAMERA.sign)
    medium.write_at(record.slot_offset(slot.epoch), slot.encode())


def test_a_whole_hold_has_no_finding(image: bytes, tmp_path: Path) -> None:
    assert check_hold_on(RamMedium(0, image), CAMERA.public) == []
    ring, _ = ring_with(5)
    store = new_store(tmp_path / "holds")
    record = hold_in_folder(store, ring, 0, 10)
    assert check_hold(store.find(record.hold_id)[0], CAMERA.public) == []


@pytest.mark.parametrize(
    ("breaking", "invariant"),
    [
        (flipped(lambda held: 4096 + 100), 1),
        (flipped(lambda held: held.record.slot_offset(1) + 1), 2),
        (flipped(lambda held: held.record.spare_offset + 1), 2),
        (slot_of_another, 2),
        (swapped, 3),
        (flipped(lambda held: held.record.segments_offset + 1000), 4),
        (recounted, 5),
        (flipped(lambda held: held.record.segments_offset + 4096 + 100), 5),
    ],
)
def test_each_broken_invariant_is_named(
    image: bytes, breaking: Callable[[RamMedium], None], invariant: int
) -> None:
    medium = RamMedium(0, image)
    breaking(medium)
    assert invariant in {finding.invariant for finding in check_hold_on(medium, CAMERA.public)}


def test_without_a_record_or_of_another_camera(image: bytes) -> None:
    (finding,) = check_hold_on(RamMedium(0, image), OTHER_CAMERA.public)
    assert "not made by this camera" in finding.what
    (finding,) = check_hold_on(RamMedium(1 << 16), CAMERA.public)
    assert finding.invariant == 1


def test_one_that_is_being_erased_has_nothing_wrong(image: bytes) -> None:
    medium = RamMedium(0, image)
    destroy(medium, read_record(medium, CAMERA.public), CAMERA.sign)
    assert check_hold_on(medium, CAMERA.public) == []
