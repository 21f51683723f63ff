"""Cameras that have recorded; made once where nobody changes them."""

from __future__ import annotations

from pathlib import Path

import pytest
from custodystand import BOOT_B, Camera, Recorded, make_camera, moment, record

from edgecam.core.clock import NS_PER_S, TimeTrust
from edgecam.ringbuffer.format import GapCause


@pytest.fixture(scope="session")
def recorded() -> Recorded:
    """25 frames in three fragments of 10, 10 and 5."""
    return record(frames=25, keyframe_every=10)


@pytest.fixture
def camera(tmp_path: Path) -> Camera:
    """A camera with an empty ring."""
    return make_camera(tmp_path)


@pytest.fixture(scope="session")
def street(tmp_path_factory: pytest.TempPathFactory, recorded: Recorded) -> Camera:
    """A camera that ran, restarted after 3.4 s, and came back from a power cut after an hour, private, unsynced."""
    camera = make_camera(tmp_path_factory.mktemp("street"))
    run_ns = recorded.offset_ns(25)
    camera.run(recorded, moment(0), cause=GapCause.FIRST_START)
    again = moment(run_ns / NS_PER_S + 3.4)
    camera.run(recorded, again, gap_ns=3_400_000_000)
    power = moment(3600, BOOT_B, TimeTrust.RESTORED)
    gap_ns = power.wall_ns - again.wall_ns - run_ns
    camera.run(recorded, power, gap_ns=gap_ns, cause=GapCause.POWER, private=True)
    return camera
