"""The first start and those after it: what is made, what is taken over, what is told, and what is never touched."""

from __future__ import annotations

from pathlib import Path

import pytest
from firstbootstand import SMALL, FirstBootStand
from newcamerastand import owner

from edgecam.appliance.firstboot import read_code
from edgecam.appliance.oldring import is_blank
from edgecam.core.clock import SystemClock
from edgecam.core.errors import BadInput
from edgecam.firststart import read_problems
from edgecam.keys.camera import create_camera_key, load_camera_key
from edgecam.newcamera import make_ring
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader
from edgecam.settings import Settings
from edgecam.stage import Stage, setup_code, stage_of

pytestmark = pytest.mark.row("I1")


@pytest.fixture
def stand(tmp_path: Path) -> FirstBootStand:
    return FirstBootStand(tmp_path)


def ring_id(stand: FirstBootStand) -> bytes:
    medium = FileMedium.open(stand.image.ring, writable=False)
    try:
        return RingReader(medium).superblock.ring_id
    finally:
        medium.close()


def test_a_flashed_card_becomes_a_camera_that_waits_for_its_wizard(stand: FirstBootStand) -> None:
    assert stand.start() == []
    key = load_camera_key(stand.places.camera_key)
    short = key.camera_id[-4:]
    assert stage_of(stand.places) is Stage.NEW
    assert stand.image.kernel_host_name.read_text() == f"edgecam-{short}"
    label = (stand.image.boot / "edgecam-label.txt").read_text()
    assert setup_code(stand.places) in label
    assert f"https://edgecam-{short}.local" in label
    settings = stand.settings
    assert (settings.ring.path, settings.ring.size_gib) == (str(stand.image.ring), 0.06)
    assert settings.telemetry.broker == "off"
    assert (settings.web.tls_port, settings.web.names) == (443, (f"edgecam-{short}.local",))
    assert not stand.said()
    assert stand.places.state_dir.stat().st_mode & 0o7777 == 0o2770


def test_a_second_start_writes_nothing_anew(stand: FirstBootStand) -> None:
    stand.lay("edgecam.toml", SMALL)
    stand.lay("owner.age-recipient", owner(0)[0])
    stand.start()
    before = stand.snapshot()
    lines = stand.places.register.read_bytes()
    assert stand.start() == []
    assert stand.snapshot() == before
    assert stand.places.register.read_bytes() == lines


def test_with_recipient_and_settings_it_records_and_nobody_touched_it(stand: FirstBootStand) -> None:
    recipient, locked = owner(0)
    stand.lay("edgecam.toml", SMALL)
    stand.lay("owner.age-recipient", f"{recipient}\n")
    stand.lay("owner.age", locked)
    assert stand.start() == []
    places = stand.places
    assert stage_of(places) is Stage.READY
    assert places.recipients.read_text() == f"{recipient}\n"
    assert places.locked_owner.read_bytes() == locked
    assert len(ring_id(stand)) == 16
    # Nothing said what to hide: all of the picture is.
    assert not places.masks.exists()
    assert not places.setup_code.exists()
    assert sorted(path.name for path in stand.image.boot.iterdir()) == [
        "edgecam.toml.taken",
        "owner.age-recipient.taken",
        "owner.age.taken",
    ]
    assert recipient in places.register.read_text()


def test_a_ring_too_small_for_the_floor_records_and_says_what_would_do(stand: FirstBootStand) -> None:
    stand.lay("owner.age-recipient", owner(0)[0])
    (problem,) = stand.start()
    assert stage_of(stand.places) is Stage.READY
    assert "kumagaya's 14 days cannot be kept" in problem
    assert "take a card that leaves the ring" in problem
    assert problem in stand.said()
    assert read_problems(stand.places.first_start) == (problem,)


@pytest.mark.parametrize(
    "broken", ["[camera", '[camera]\nfps = "many"', '[paths]\nstate_dir = "/tmp"', b"\xff\x00\x80"]
)
def test_damaged_settings_are_told_and_the_camera_starts_all_the_same(
    stand: FirstBootStand, broken: str | bytes
) -> None:
    stand.lay("edgecam.toml", broken)
    (problem,) = stand.start()
    assert "edgecam.toml" in problem
    assert problem in stand.said()
    assert stage_of(stand.places) is Stage.NEW
    # It stays where it can be mended; then everything is well.
    stand.lay("edgecam.toml", SMALL)
    assert stand.start() == []
    assert not stand.said()
    assert not stand.places.first_start.exists()
    assert stand.settings.camera.width == 320


def test_with_damaged_settings_and_a_recipient_it_records_by_its_own(stand: FirstBootStand) -> None:
    stand.lay("edgecam.toml", "not TOML")
    stand.lay("owner.age-recipient", owner(0)[0])
    problems = stand.start()
    assert "edgecam.toml is not TOML" in problems[0]
    assert stage_of(stand.places) is Stage.READY
    assert not stand.places.masks.exists()


@pytest.mark.parametrize("bad", ["nobody", "age1xyz", f"{owner(0)[0]}\n{owner(1)[0]}", "# none"])
def test_a_recipient_that_is_none_leaves_the_camera_to_its_wizard(stand: FirstBootStand, bad: str) -> None:
    stand.lay("owner.age-recipient", bad)
    assert len(stand.start()) == 1
    assert stage_of(stand.places) is Stage.NEW
    assert is_blank(stand.image.ring)


def test_an_owned_camera_does_not_change_hands_by_a_file(stand: FirstBootStand) -> None:
    stand.lay("edgecam.toml", SMALL)
    stand.lay("owner.age-recipient", owner(0)[0])
    stand.start()
    before = ring_id(stand)
    stand.lay("owner.age-recipient", owner(1)[0])
    (problem,) = stand.start()
    assert "another owner" in problem
    assert stand.places.recipients.read_text().strip() == owner(0)[0]
    assert ring_id(stand) == before


def test_a_camera_that_lost_its_owner_is_nobodys_by_a_file(stand: FirstBootStand) -> None:
    stand.lay("edgecam.toml", SMALL)
    stand.lay("owner.age-recipient", owner(0)[0])
    stand.start()
    stand.places.recipients.unlink()
    stand.lay("owner.age-recipient", owner(1)[0])
    (problem,) = stand.start()
    assert "lost whose it is" in problem
    assert not stand.places.recipients.exists()


@pytest.mark.row("W6")
def test_secrets_are_wiped_where_they_lay(stand: FirstBootStand) -> None:
    stand.lay("wifi.toml", 'country = "JP"\nssid = "Shop"\npassphrase = "open sesame"\n')
    stand.lay("broker.password", "hunter2hunter2\r\n")
    stand.lay("broker.ca.pem", "-----BEGIN CERTIFICATE-----\n")
    stand.lay("setup-code.txt", "abcd 2345")
    assert stand.start() == []
    left = stand.in_boot_folder()
    for secret in (b"open sesame", b"hunter2", b"abcd", b"ABCD"):
        assert secret not in left
    assert setup_code(stand.places) == "ABCD-2345"
    assert stand.places.broker_password.read_text() == "hunter2hunter2\n"
    assert stand.settings.telemetry.password_file == str(stand.places.broker_password)
    assert stand.settings.telemetry.ca_file == str(stand.places.broker_authority)
    assert 'psk="open sesame"' in stand.image.station.read_text()
    for path in (stand.image.station, stand.image.wifi, stand.places.broker_password, stand.places.setup_code):
        assert path.stat().st_mode & 0o077 == 0
    # A code that somebody chose is theirs to know.
    assert not (stand.image.boot / "edgecam-label.txt").exists()


def test_settings_of_a_camera_in_use_are_changed_by_a_file_and_registered(stand: FirstBootStand) -> None:
    stand.lay("edgecam.toml", SMALL)
    stand.lay("owner.age-recipient", owner(0)[0])
    stand.start()
    stand.lay("EDGECAM.TOML.TXT", '\ufeff[camera]\r\nname = "door"\r\n'.encode())
    assert stand.start() == []
    assert (stand.settings.camera.name, stand.settings.camera.width) == ("door", 320)
    changes = [line for line in stand.places.register.read_text().splitlines() if "setting_change" in line]
    # Begun and done, at both starts.
    assert ["boot folder" in line for line in changes] == [True] * 4


def test_what_an_earlier_camera_left_in_the_ring_is_made_unreadable(stand: FirstBootStand) -> None:
    stranger = create_camera_key(stand.folder / "stranger.key")
    stand.start()  # for places; then as flashed anew
    make_ring(stand.places, Settings(), stranger, SystemClock().now())
    before = ring_id(stand)
    for path in sorted((stand.folder / "state").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    assert stand.start() == []
    assert stage_of(stand.places) is Stage.NEW
    assert is_blank(stand.image.ring)
    assert before not in stand.image.ring.read_bytes()[: 1 << 20]


def test_bytes_that_never_were_a_ring_do_not_keep_a_new_camera_from_being_one(stand: FirstBootStand) -> None:
    with stand.image.ring.open("r+b") as ring:
        ring.write(b"\x55" * 20_000)
    assert stand.start() == []
    assert stage_of(stand.places) is Stage.NEW


@pytest.mark.parametrize("left", ["owner.recipients", "register.jsonl", "accounts.json", "first-run.json"])
def test_the_ring_of_a_camera_that_lost_its_key_is_not_touched(stand: FirstBootStand, left: str) -> None:
    stand.lay("edgecam.toml", SMALL)
    stand.lay("owner.age-recipient", owner(0)[0])
    stand.start()
    before = stand.image.ring.read_bytes()
    for name in ("owner.recipients", "register.jsonl", "accounts.json", "first-run.json", "camera.key"):
        if name != left:
            (stand.places.state_dir / name).unlink(missing_ok=True)
    (stand.places.state_dir / left).touch()
    problems = stand.start()
    assert "key is missing" in problems[0]
    assert stand.image.ring.read_bytes() == before
    assert not stand.places.camera_key.exists()


def test_settings_that_the_card_lost_are_the_last_good_ones(stand: FirstBootStand) -> None:
    stand.lay("edgecam.toml", SMALL)
    stand.start()
    stand.image.settings.write_bytes(b"\0" * 4096)
    (problem,) = stand.start()
    assert "the last good settings were put in their place" in problem
    assert stand.settings.camera.width == 320
    assert stand.start() == []


def test_settings_lost_twice_come_back_by_a_file(stand: FirstBootStand) -> None:
    stand.start()
    for path in (stand.image.settings, stand.image.good_settings):
        path.write_bytes(b"\0")
    assert stand.start()
    stand.lay("edgecam.toml", SMALL)
    stand.start()
    assert stand.settings.camera.width == 320
    assert stand.start() == []


def test_the_ring_follows_a_partition_that_was_grown(stand: FirstBootStand) -> None:
    stand.start()
    with stand.image.ring.open("r+b") as ring:
        ring.truncate(256 << 20)
    assert stand.start() == []
    assert stand.settings.ring.size_gib == 0.25


def test_without_a_ring_partition_it_says_so_and_makes_none_in_ram(stand: FirstBootStand) -> None:
    stand.image.ring.unlink()
    stand.lay("edgecam.toml", SMALL)
    assert "is not there" in stand.start()[0]
    assert not stand.image.ring.exists()


def test_a_network_camera_alone_gives_the_recorder_a_network(stand: FirstBootStand) -> None:
    stand.start()
    assert not stand.image.recorder_network.exists()
    stand.lay("edgecam.toml", '[camera]\nsource = "rtsp://10.0.0.2/1"\n')
    stand.start()
    assert stand.image.recorder_network.resolve() == stand.image.program / "recorder-network.conf"


def test_a_factory_reset_is_asked_for_by_a_file(stand: FirstBootStand) -> None:
    stand.lay("edgecam.toml", SMALL)
    stand.lay("owner.age-recipient", owner(0)[0])
    stand.start()
    before = load_camera_key(stand.places.camera_key).camera_id
    stand.lay("factory-reset.txt", "")
    assert stand.start() == []
    assert load_camera_key(stand.places.camera_key).camera_id != before
    assert stage_of(stand.places) is Stage.NEW
    assert stand.start() == []
    assert stand.image.reset_log.read_text().count("\n") == 1


def test_the_set_up_code_has_one_form() -> None:
    assert read_code("# on the label\n abcd-2345 \n") == "ABCD-2345"
    for bad in ("", "ABC-2345", "ABCD-2340", "ABCD-234I", "ABCD-23456"):
        with pytest.raises(BadInput):
            read_code(bad)
