"""The way back to the factory: nothing that opens footage is left, and what is no camera's stays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from firstbootstand import SMALL, FirstBootStand
from newcamerastand import owner

from edgecam.album import make_album
from edgecam.appliance.factoryreset import begin_reset, factory_reset, is_under_way, key_files
from edgecam.appliance.oldring import is_blank
from edgecam.core.clock import SystemClock
from edgecam.core.errors import MediaFailing
from edgecam.keys.camera import load_camera_key
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader

pytestmark = [pytest.mark.row("C8"), pytest.mark.row("R7")]


@pytest.fixture
def stand(tmp_path: Path) -> FirstBootStand:
    made = FirstBootStand(tmp_path)
    made.lay("edgecam.toml", SMALL + "[album]\nsize_mib = 1\n")
    made.lay("wifi.toml", 'country = "JP"\nssid = "x"\npassphrase = "open sesame"\n')
    made.lay("owner.age-recipient", owner(0)[0])
    made.lay("owner.age", owner(0)[1])
    made.start()
    places = made.places
    make_album(places, made.settings, load_camera_key(places.camera_key), SystemClock().now())
    for folder, name in ((places.holds, "1.hold"), (places.cases, "1.keys"), (places.identities, "mori.age")):
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"sealed")
    (made.image.system / "rauc.status").write_text("kept")
    return made


def ring_id(stand: FirstBootStand) -> bytes:
    medium = FileMedium.open(stand.image.ring, writable=False)
    try:
        return RingReader(medium).superblock.ring_id
    finally:
        medium.close()


def test_nothing_of_the_camera_is_left_and_the_system_stays(stand: FirstBootStand) -> None:
    ring = ring_id(stand)
    factory_reset(stand.image, "order", SystemClock())
    assert list(stand.image.camera.iterdir()) == []
    assert list(stand.image.settings.parent.iterdir()) == []
    assert is_blank(stand.image.ring)
    assert ring not in stand.image.ring.read_bytes()
    assert sorted(path.name for path in stand.image.system.iterdir()) == ["rauc.status", "resets.log"]
    (line,) = map(json.loads, stand.image.reset_log.read_text().splitlines())
    assert (line["asked_by"], line["ring"], line["album"]) == ("order", True, True)
    assert not is_under_way(stand.image)


def test_the_bytes_of_every_key_are_overwritten_where_they_lay(stand: FirstBootStand) -> None:
    opened = {path: path.open("rb") for path in key_files(stand.places) if path.exists()}
    assert {path.name for path in opened} >= {"camera.key", "owner.age", "1.keys", "mori.age", "1.hold"}
    factory_reset(stand.image, "order", SystemClock())
    for path, file in opened.items():
        assert not any(file.read()), path
        file.close()


def test_a_ring_that_is_none_is_no_reason_to_stop(stand: FirstBootStand) -> None:
    with stand.image.ring.open("r+b") as ring:
        ring.write(b"\x55" * 20_000)
    factory_reset(stand.image, "order", SystemClock())
    assert is_blank(stand.image.ring)
    assert json.loads(stand.image.reset_log.read_text())["ring"] is None


def test_a_boot_folder_that_cannot_be_written_resets_nothing(
    stand: FirstBootStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or else the camera would begin anew at each start."""
    stand.lay("factory-reset", "")
    before = stand.places.camera_key.read_bytes()

    def read_only(path: Path) -> None:
        raise MediaFailing(f"{path} could not be erased (Read-only file system)")

    monkeypatch.setattr("edgecam.appliance.bootfolder.erase_durably", read_only)
    assert "could not be erased" in stand.start()[0]
    assert stand.places.camera_key.read_bytes() == before
    assert not is_under_way(stand.image)


def test_a_reset_that_was_begun_goes_on_at_the_next_start(stand: FirstBootStand) -> None:
    before = load_camera_key(stand.places.camera_key).camera_id
    begin_reset(stand.image, "order")
    assert stand.start() == []
    assert load_camera_key(stand.places.camera_key).camera_id != before
    assert json.loads(stand.image.reset_log.read_text())["asked_by"] == "order"
