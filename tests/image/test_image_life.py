"""What a card goes through in its life: power cuts, updates good and bad, a reset, what somebody wrote wrong."""

from __future__ import annotations

import random
import re
import subprocess
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cardstand import GIB, PATIENCE_S, ROOT, SMALL, Seized, image, prepared, running, settings_toml
from qemu.card import Card
from qemu.machine import Machine

from edgecam.core.clock import NS_PER_S

pytestmark = pytest.mark.long
FIRST_SEGMENT = r"recording: the first segment is kept"
CUTS = 10


def recording(machine: Machine, words: str = "") -> None:
    """Give it power and wait until it keeps footage."""
    machine.on(words)
    machine.wait_for(FIRST_SEGMENT, PATIENCE_S)


@pytest.fixture
def used(card: Card, tmp_path: Path) -> Card:
    """A card that a camera has recorded on."""
    prepared(card, tmp_path / "prepared", SMALL)
    with running(card) as machine:
        recording(machine)
        machine.pull()
    return card


@pytest.mark.row("I1")
@pytest.mark.row("I4")
def test_the_plug_is_pulled_in_mid_write(card: Card, tmp_path: Path) -> None:
    prepared(card, tmp_path / "prepared", SMALL)
    moments, kept = random.Random(7), 0
    with running(card) as machine:
        for cut in range(CUTS):
            recording(machine)
            with pytest.raises(TimeoutError):  # nothing more is to be said: it writes on until the plug is pulled
                machine.wait_for(r"\bno such line\b", moments.uniform(0.0, 12.0))
            machine.pull()
            seized = Seized(card, tmp_path / "seized")
            now_kept = seized.segments()
            assert now_kept > kept, f"cut {cut}: {kept} before, {now_kept} now"
            kept = now_kept
    # A board that is this slow may lose its source for a moment as well, which is no cut.
    causes = Counter(stretch["gap_cause"] for stretch in seized.stretches())
    assert (causes["first_start"], causes["power"]) == (1, CUTS - 1), causes


@pytest.mark.row("I1")
def test_a_blank_card_waits_for_its_owner(card: Card) -> None:
    with running(card) as machine:
        machine.on()
        machine.wait_for(r"Started edgecam-hub|Finished edgecam-hub|edgecam-hub\.service.*[Rr]eady", PATIENCE_S)
        with httpx.Client(verify=False, trust_env=False, timeout=120) as browser:
            at = f"https://127.0.0.1:{machine.page_port}"
            assert browser.get(f"{at}/api/welcome").json()["state"] == "new"
            wrong = browser.post(f"{at}/api/setup/claim", json={"code": "AAAA-AAAA"}, headers={"Origin": at})
            assert wrong.status_code in (400, 403, 404, 422)
        machine.pull()
    assert re.search(rb"[2-9A-Z]{4}-[2-9A-Z]{4}", card.read("EDGECAM", "edgecam-label.txt") or b"")


@pytest.mark.row("I1")
def test_a_damaged_settings_file_is_told_and_it_records_masked(card: Card, tmp_path: Path) -> None:
    prepared(card, tmp_path / "prepared", SMALL)
    card.write("EDGECAM", "edgecam.toml", b'[camera]\nname = "front\n\xff\xfe')
    with running(card) as machine:
        machine.on()
        machine.wait_for(r"edgecam.toml", PATIENCE_S)
        machine.wait_for(FIRST_SEGMENT, PATIENCE_S)
        machine.pull()
    assert b"edgecam.toml" in (card.read("EDGECAM", "edgecam-problems.txt") or b"")
    assert Seized(card, tmp_path / "seized").stretches()[0]["private"] is True


@pytest.mark.row("I1")
@pytest.mark.row("R2")
def test_a_card_too_small_for_the_floor_says_which_would_do(tmp_path: Path) -> None:
    small = Card.copied(image(), tmp_path / "card.img", image().stat().st_size)
    thirty_days = {
        **SMALL,
        "camera": {**SMALL["camera"], "width": 1280, "height": 720},
        "retention": {"policy": "daejeon"},
    }
    prepared(small, tmp_path / "prepared", thirty_days)
    with running(small) as machine:
        machine.on()
        machine.wait_for(r"Finished edgecam-firstboot", PATIENCE_S)
        machine.pull()
    said = (small.read("EDGECAM", "edgecam-problems.txt") or b"").decode()
    assert "GiB" in said, said


@pytest.mark.row("I2")
@pytest.mark.row("K2")
def test_a_reset_takes_the_keys_first(used: Card, tmp_path: Path) -> None:
    before = Seized(used, tmp_path / "before")
    camera_key = (before.folder / "camera/camera.key").read_bytes()
    used.write("EDGECAM", "factory-reset", b"")
    with running(used) as machine:
        machine.on()
        machine.wait_for(r"Started edgecam-hub", PATIENCE_S)
        with httpx.Client(verify=False, trust_env=False, timeout=120) as browser:
            assert browser.get(f"https://127.0.0.1:{machine.page_port}/api/welcome").json()["state"] == "new"
        machine.pull()
    after = Seized(used, tmp_path / "after")
    assert (after.folder / "camera/camera.key").read_bytes() != camera_key
    assert not (after.folder / "camera/owner.recipients").exists()
    sealed = b"age-encryption.org/v1"
    assert sealed in before.ring.read_bytes()
    assert sealed not in after.ring.read_bytes()


def newer(folder: Path, version: str, *, broken: bool = False) -> Path:
    """A stick with an update to ``version``; a ``broken`` one has a recorder that does not begin."""
    root, built = folder / "root.ext4", image().resolve().parent
    subprocess.run(["cp", "--sparse=always", built / "work/root.ext4", root], check=True)
    release = folder / "release.toml"
    subprocess.run(["debugfs", "-R", f"dump /usr/lib/edgecam/release.toml {release}", root], check=True)
    release.write_text(
        re.sub(r'^version = ".*"', f'version = "{version}"', release.read_text(), flags=re.MULTILINE)
    )
    places = {"/usr/lib/edgecam/release.toml": release}
    if broken:
        recorder = folder / "recorder.py"
        recorder.write_text("raise SystemExit(1)\n")
        package = "/usr/local/lib/python3.13/dist-packages/edgecam"
        places[f"{package}/recorder.py"] = recorder
        subprocess.run(
            ["debugfs", "-w", "-R", f"rm {package}/__pycache__/recorder.cpython-313.pyc", root], check=True
        )
    for inside, ours in places.items():
        subprocess.run(["debugfs", "-w", "-R", f"rm {inside}", root], check=True)
        subprocess.run(["debugfs", "-w", "-R", f"write {ours} {inside}", root], check=True)
    told = dict(re.findall(r'^(\w+) = "(.*)"', release.read_text(), flags=re.MULTILINE))
    inputs_from = re.sub(r"\D", "", told["built"])
    whole = f"{version}+{inputs_from}"
    bundle = folder / f"edgecam-{version}.raucb"
    subprocess.run([ROOT / "image/bundle", "generic", whole, built / "boot.vfat", root, bundle], check=True)
    root.unlink()
    stick = folder / f"stick-{version}.img"
    with open(stick, "wb") as file:
        file.truncate(GIB)
    subprocess.run(["mkfs.vfat", "-n", "STICK", stick], check=True, capture_output=True)
    subprocess.run(["mcopy", "-i", stick, bundle, "::"], check=True)
    bundle.unlink()
    return stick


def plugged(stick: Path) -> tuple[str, ...]:
    """A machine with that stick in it."""
    drive = f"file={stick},format=raw,if=none,id=stick,readonly=on"
    return ("-device", "qemu-xhci", "-drive", drive, "-device", "usb-storage,drive=stick,removable=on")


@pytest.mark.row("I2")
def test_an_update_is_tried_and_kept_and_one_that_does_not_record_is_left(used: Card, tmp_path: Path) -> None:
    kept = Seized(used, tmp_path / "seized").segments()
    assert kept > 0
    with running(used, memory_mib=768, extra=plugged(newer(tmp_path, "0.1.1"))) as machine:
        recording(machine)
        assert machine.wait_end(4 * PATIENCE_S) == "tryboot"
        recording(machine)
        assert machine.boots[-1].partition == 3
        machine.wait_for(r"edgecam verdict: good 0\.1\.1", 4 * PATIENCE_S)
        machine.pull()
    with running(used, memory_mib=768, extra=plugged(newer(tmp_path, "0.1.2", broken=True))) as machine:
        recording(machine)
        assert machine.boots[-1].partition == 3  # kept
        assert machine.wait_end(4 * PATIENCE_S) == "tryboot"
        machine.on()
        assert machine.boots[-1].partition == 2
        assert machine.wait_end(6 * PATIENCE_S) == "reboot"  # fifteen minutes of its own time
        recording(machine)
        assert machine.boots[-1].partition == 3
        machine.pull()
    assert Seized(used, tmp_path / "seized").segments() > kept


@pytest.mark.row("C2")
def test_the_v4l2_source_films_the_kernels_own_camera(card: Card, tmp_path: Path) -> None:
    camera = {"source": "v4l2:/dev/video0", "width": 320, "height": 180, "fps": 2.0}
    prepared(card, tmp_path / "prepared", {**SMALL, "camera": camera})
    with running(card) as machine:
        recording(machine, "modules_load=vivid vivid.n_devs=1 vivid.node_types=1")
        machine.pull()
    assert Seized(card, tmp_path / "seized").segments() > 0


@pytest.mark.row("I3")
def test_no_network_and_no_time_ever(card: Card, tmp_path: Path) -> None:
    prepared(card, tmp_path / "prepared", SMALL)
    with running(card) as machine:
        recording(machine)  # the emulated network leads nowhere, and nobody tells it the time
        machine.wait_for(r"The clock was never set|recording", PATIENCE_S)
        machine.pull()
    assert Seized(card, tmp_path / "seized").stretches()[0]["time_trust"] == "unset"


@pytest.mark.row("C5")
@pytest.mark.row("R8")
def test_the_clock_begins_at_the_saved_time(used: Card, tmp_path: Path) -> None:
    # The emulated board has a clock of its own, which runs behind that.
    ahead = datetime.now(UTC) + timedelta(days=3)
    saved = tmp_path / "saved"
    saved.write_bytes(b"%d\n" % (int(ahead.timestamp()) * NS_PER_S))
    state = f"{used.path}?offset={used.partitions()['state'].offset_bytes}"
    subprocess.run(["e2fsck", "-p", "-f", state], capture_output=True)  # its journal holds the power cut
    subprocess.run(["debugfs", "-w", "-R", f"write {saved} /system/clock/saved", state], check=True)
    with running(used) as machine:
        recording(machine)
        machine.pull()
    newest = Seized(used, tmp_path / "seized").stretches()[-1]
    assert newest["time_trust"] == "restored"
    assert newest["from"] >= ahead.isoformat()


def test_settings_are_written_as_the_camera_reads_them() -> None:
    assert settings_toml({"camera": {"fps": 2.0}}) == b"[camera]\nfps = 2.0\n"
