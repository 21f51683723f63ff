"""The units of updating: how tight, what may start them, and that no version on trial can keep itself."""

from __future__ import annotations

import configparser
import shutil
import subprocess

import pytest
from bundlestand import ROOTFS

from edgecam.appliance.updateorder import ORDER

pytestmark = pytest.mark.row("I2")

SYSTEM = ROOTFS / "usr/lib/systemd/system"
UNITS = ("edgecam-verdict.service", "edgecam-update.service", "edgecam-update@.service")


def settings(unit: str) -> list[str]:
    return [line for line in (SYSTEM / unit).read_text().splitlines() if "=" in line and not line.startswith("#")]


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_exposed_by_2_0_at_most(unit: str) -> None:
    words = ["systemd-analyze", "security", "--no-pager", "--offline=yes", "--threshold=20", str(SYSTEM / unit)]
    told = subprocess.run(words, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr


def test_only_the_look_at_a_server_has_a_network() -> None:
    assert [unit for unit in UNITS if "PrivateNetwork=yes" not in settings(unit)] == ["edgecam-update.service"]


def test_a_verdict_that_fails_in_any_way_goes_back_and_only_on_trial() -> None:
    told = settings("edgecam-verdict.service")
    assert "FailureAction=reboot" in told
    # Without it a committed version whose Python is broken would restart over and over.
    assert "ExecCondition=/usr/lib/edgecam/on-trial" in told
    assert not [line for line in told if line.startswith(("SuccessAction", "Restart="))]


def test_an_order_is_watched_where_it_is_taken() -> None:
    assert [line for line in settings("edgecam-update.path") if "Path" in line] == [f"PathExists={ORDER}"]


def test_a_stick_with_another_file_system_is_never_mounted() -> None:
    (rule,) = [
        line
        for line in (ROOTFS / "usr/lib/udev/rules.d/80-edgecam-usb-update.rules").read_text().splitlines()
        if not line.startswith("#")
    ]
    assert 'ENV{ID_BUS}=="usb"' in rule
    assert 'ENV{ID_FS_TYPE}=="vfat|exfat"' in rule
    assert "edgecam-update@%k.service" in rule


def test_both_slots_are_written_whole() -> None:
    told = configparser.ConfigParser()
    told.read_string((ROOTFS / "etc/rauc/system.conf").read_text())
    for number, letter in ((0, "a"), (1, "b")):
        root, boot = told[f"slot.rootfs.{number}"], told[f"slot.boot.{number}"]
        assert (root["device"], root["bootname"]) == (f"/dev/disk/by-partlabel/root-{letter}", letter.upper())
        assert (boot["device"], boot["parent"]) == (f"/dev/disk/by-partlabel/boot-{letter}", f"rootfs.{number}")
    assert told["system"]["bundle-formats"] == "verity"


def test_root_alone_commands_rauc() -> None:
    policy = (ROOTFS / "etc/dbus-1/system.d/edgecam-rauc.conf").read_text()
    assert policy.index('context="default"') < policy.index("<deny send_destination") < policy.index('user="root"')
