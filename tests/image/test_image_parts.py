"""In the running image: its units, its ports, its libraries on real devices, its radio, and its watchdog."""

from __future__ import annotations

from pathlib import Path

import pytest
from cardstand import PATIENCE_S, SMALL, prepared, running
from proofstand import Proof
from qemu.card import Card

pytestmark = pytest.mark.long
TWO_RADIOS = "modules_load=mac80211_hwsim mac80211_hwsim.radios=2"


@pytest.mark.row("C2")
@pytest.mark.row("C5")
@pytest.mark.row("I3")
@pytest.mark.row("K3")
def test_what_runs_is_shut_in_and_finds_its_devices(card: Card, tmp_path: Path) -> None:
    prepared(card, tmp_path / "prepared", SMALL)
    proof = Proof(
        "within.py", tmp_path, "After=edgecam-recorder.service edgecam-observer.service edgecam-care.service"
    )
    with running(card, memory_mib=768, extra=proof.disk) as machine:
        machine.on(proof.words)
        said = proof.said(machine)
        machine.pull()
    for name in ("recorder", "observer", "hub", "care"):
        assert float(said[f"exposure-{name}"]) <= 2.0, said
    assert said["failed-units"] == "none"
    assert said["names"] == "active"
    assert said["root"] == "read-only"
    assert said["swap"] == "0"
    assert said["tcp-ports"] == "[443]"
    assert "20 frames" in said["libcamera"]
    assert "8 lines" in said["pins"]


@pytest.mark.row("I1")
def test_a_phone_reaches_a_new_camera_by_its_own_access_point(card: Card, tmp_path: Path) -> None:
    proof = Proof("radio.py phone", tmp_path, "After=sysinit.target")
    with running(card, extra=proof.disk, network=False) as machine:
        machine.on(f"{proof.words} {TWO_RADIOS}")
        said = proof.said(machine)
        machine.pull()
    assert said["joined"].startswith("edgecam-")
    assert said["address"].startswith("10.11.12.")
    assert said["mdns"] == "10.11.12.1"
    assert said["page"] == "new"


@pytest.mark.row("I1")
def test_it_joins_the_network_of_a_file_and_wipes_the_file(card: Card, tmp_path: Path) -> None:
    prepared(card, tmp_path / "prepared", SMALL)
    card.write("EDGECAM", "wifi.toml", b'country = "JP"\nssid = "proof"\npassphrase = "quiet harbour"\n')
    proof = Proof("radio.py router", tmp_path, "After=sysinit.target")
    with running(card, extra=proof.disk, network=False) as machine:
        machine.on(f"{proof.words} {TWO_RADIOS}")
        said = proof.said(machine)
        machine.pull()
    assert said["asked-for-address-by"]
    assert "wifi.toml" not in card.names("EDGECAM")
    assert b"quiet harbour" not in card.extract("EDGECAM", tmp_path / "boot.vfat").read_bytes()


@pytest.mark.row("I3")
def test_a_system_that_hangs_is_started_anew_by_the_boards_watchdog(card: Card, tmp_path: Path) -> None:
    proof = Proof("hang.py", tmp_path, "After=multi-user.target")
    with running(card, extra=proof.disk) as machine:
        machine.on(proof.words)
        machine.wait_for("PROVED hangs", PATIENCE_S)
        assert machine.wait_end(PATIENCE_S) == "reboot"
