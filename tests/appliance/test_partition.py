"""A ring on a real block device: its size is the device's, the wizard asks for none, a reset leaves it blank."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from firstbootstand import SMALL, FirstBootStand
from newcamerastand import SECRET, owner

from edgecam.appliance.factoryreset import factory_reset
from edgecam.appliance.oldring import is_blank
from edgecam.core.clock import SystemClock
from edgecam.core.errors import BadInput, Unavailable
from edgecam.custody.register.register import Register
from edgecam.firstrun import FirstRun
from edgecam.keys.camera import create_camera_key, load_camera_key
from edgecam.newcamera import device_gib, make_ring
from edgecam.places import Places
from edgecam.settings import Settings
from edgecam.stage import Stage, stage_of
from edgecam.web.setupparts import RetentionChoice

pytestmark = pytest.mark.row("I1")
SIZE_BYTES = 96 << 20


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Path]:
    """A loop device over a file that takes no room yet."""
    backing = tmp_path / "card"
    with backing.open("wb") as card:
        card.truncate(SIZE_BYTES)
    made = subprocess.run(["losetup", "--find", "--show", backing], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        pytest.skip("this machine has no loop devices for this user")
    name = Path(made.stdout.strip())
    yield name
    subprocess.run(["losetup", "--detach", name], check=True)


@pytest.fixture
def stand(tmp_path: Path, device: Path) -> FirstBootStand:
    ring = tmp_path / "card-stand" / "ring"
    ring.parent.mkdir()
    os.symlink(device, ring)  # as udev leads by-partlabel to the partition
    return FirstBootStand(ring.parent)


def wizard(stand: FirstBootStand) -> FirstRun:
    places, clock = stand.places, SystemClock()
    key = load_camera_key(places.camera_key)
    return FirstRun(places, key, Register(places.register, key.sign, key.public, clock), lambda secret: None, clock)


def test_a_partition_is_the_ring_whole_and_is_reset_to_nothing(stand: FirstBootStand) -> None:
    stand.lay("edgecam.toml", SMALL)
    stand.lay("owner.age-recipient", owner(0)[0])
    assert stand.start() == []
    assert stand.settings.ring.size_gib == 0.09
    assert device_gib(stand.places) == 0.09
    assert stage_of(stand.places) is Stage.READY
    factory_reset(stand.image, "order", SystemClock())
    assert is_blank(stand.image.ring)


def test_the_wizard_takes_the_partition_as_it_is(stand: FirstBootStand) -> None:
    stand.start()
    run = wizard(stand)
    run.make_owner(*owner(0), SECRET)
    quarter = RetentionChoice("own", days=0.01, size_gib=5.0)
    shown = run.plan(quarter)
    assert (shown.partition, shown.fixed, shown.size_gib, shown.most_gib) == (True, False, 0.09, 0.09)
    kept = run.keep(quarter, "owner")
    assert (kept.partition, kept.fixed) == (True, True)
    assert stand.settings.ring.size_gib == 0.09
    assert stage_of(stand.places) is Stage.READY


def test_the_wizard_says_which_card_would_do(stand: FirstBootStand) -> None:
    stand.start()
    run = wizard(stand)
    run.make_owner(*owner(0), SECRET)
    with pytest.raises(BadInput, match="take a card that leaves the ring"):
        run.keep(RetentionChoice("daejeon"), "owner")
    assert is_blank(stand.image.ring)
    assert stage_of(stand.places) is Stage.OWNED


def test_a_partition_that_is_missing_is_not_made_in_ram(tmp_path: Path) -> None:
    ring = Path("/dev/disk/by-partlabel/edgecam-ring-of-no-card")
    places = Places(tmp_path / "edgecam.toml", tmp_path, tmp_path, ring, tmp_path / "masks.json")
    with pytest.raises(Unavailable, match="is not there"):
        make_ring(places, Settings(), create_camera_key(places.camera_key), SystemClock().now())
    assert not ring.exists()
