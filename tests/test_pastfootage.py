"""The past as the page lists it: what the ring has, and before that what only holds have still."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.stoodclock import StoodClock
from holdstand import hold_in_folder, new_store, ring_with, wall_ns
from ringstand import CAMERA, at

from edgecam.custody.holds import Holds
from edgecam.custody.register.register import Register
from edgecam.pastfootage import PastFootage
from edgecam.ringbuffer.retention import Retention

pytestmark = [pytest.mark.row("R4"), pytest.mark.row("W3")]


def past(folder: Path, *held: tuple[float, float]) -> PastFootage:
    """A ring of 80 s on disk, and holds of these seconds of it."""
    medium, _ = ring_with(40)
    ring = folder / "ring.edgecam"
    ring.write_bytes(bytes(medium.image))
    store, clock = new_store(folder / "holds"), StoodClock(at(100))
    for from_s, to_s in held:
        hold_in_folder(store, medium, from_s, to_s)
    register = Register(folder / "register.jsonl", CAMERA.sign, CAMERA.public, clock)
    retention = Retention(14)
    return PastFootage(ring, retention, clock, Holds(store, register, retention, clock))


def test_without_holds_it_is_what_the_ring_has(tmp_path: Path) -> None:
    found = past(tmp_path).recordings(wall_ns(0), wall_ns(80))
    assert found
    assert found[0].start_wall_ns <= wall_ns(2)
    assert all(stretch.gap_cause is None for stretch in found)


def test_what_the_ring_has_still_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "held").mkdir()
    (tmp_path / "free").mkdir()
    held = past(tmp_path / "held", (10, 20)).recordings(wall_ns(0), wall_ns(80))
    assert held == past(tmp_path / "free").recordings(wall_ns(0), wall_ns(80))
