"""The access point for setting up: when it is wanted, and what opens it."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import pytest
from firstbootstand import SMALL, FirstBootStand
from newcamerastand import owner

from edgecam.appliance.accesspoint import is_wanted, passphrase_of
from edgecam.stage import setup_code

pytestmark = pytest.mark.row("I1")


@pytest.fixture
def stand(tmp_path: Path) -> FirstBootStand:
    return FirstBootStand(tmp_path)


def carrier(stand: FirstBootStand, device: str, state: str) -> None:
    (stand.image.network_devices / device).mkdir()
    (stand.image.network_devices / device / "carrier").write_text(state)


def test_the_passphrase_is_of_the_code_and_does_not_give_it_away() -> None:
    made = passphrase_of("ABCD-2345")
    assert made == passphrase_of("abcd 2345")
    assert made != passphrase_of("ABCD-2346")
    assert 8 <= len(made) <= 63
    assert "abcd" not in made


def test_a_new_camera_has_one_whose_passphrase_is_on_its_label(stand: FirstBootStand) -> None:
    stand.start()
    passphrase = passphrase_of(setup_code(stand.places))
    assert f'psk="{passphrase}"' in stand.image.access_point.read_text()
    assert stand.image.access_point.stat().st_mode & 0o077 == 0
    assert "DHCPServer=yes" in stand.image.access_point_network.read_text()
    assert passphrase in (stand.image.boot / "edgecam-label.txt").read_text()
    assert is_wanted(stand.image)


def test_another_user_hands_out_the_addresses(stand: FirstBootStand) -> None:
    shutil.rmtree(stand.image.network_run, ignore_errors=True)
    before = os.umask(0o077)  # as its unit has it
    try:
        stand.start()
    finally:
        os.umask(before)
    assert stat.S_IMODE(stand.image.network_run.stat().st_mode) == 0o755
    assert stat.S_IMODE(stand.image.access_point_network.stat().st_mode) == 0o644


def test_a_cable_or_a_network_makes_it_needless(stand: FirstBootStand) -> None:
    carrier(stand, "lo", "1")
    carrier(stand, "end0", "0")
    stand.start()
    assert is_wanted(stand.image)
    carrier(stand, "enu1", "1\n")
    assert not is_wanted(stand.image)
    stand.lay("wifi.toml", 'country = "JP"\nssid = "x"\npassphrase = "12345678"\n')
    stand.start()
    assert not stand.image.access_point.exists()


def test_a_camera_that_is_set_up_has_none(stand: FirstBootStand) -> None:
    stand.lay("edgecam.toml", SMALL)
    stand.lay("owner.age-recipient", owner(0)[0])
    stand.start()
    stand.start()
    assert not stand.image.access_point.exists()
    assert not is_wanted(stand.image)


def test_who_left_the_wizard_half_way_gets_in_again_by_the_same_passphrase(stand: FirstBootStand) -> None:
    stand.start()
    before = stand.image.access_point.read_text()
    stand.places.first_run.write_text('{"format": 1, "noted": []}')
    stand.places.recipients.write_text(owner(0)[0])
    stand.places.setup_code.unlink()
    stand.start()
    assert stand.image.access_point.read_text() == before
    assert not stand.places.setup_code.exists()
