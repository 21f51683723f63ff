"""Power fails at every flush, renaming and removal of a first start and of a reset; the next one ends the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.power import PowerFails, Supply
from firstbootstand import SMALL, FirstBootStand
from newcamerastand import owner

from edgecam.appliance.factoryreset import factory_reset, is_under_way
from edgecam.appliance.oldring import is_blank
from edgecam.appliance.owneraccount import OwnerAccount
from edgecam.core.clock import SystemClock
from edgecam.keys.camera import create_camera_key, load_camera_key
from edgecam.keys.passwordhash import FLOOR
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader
from edgecam.stage import Stage, stage_of

pytestmark = [pytest.mark.row("I1"), pytest.mark.row("R7")]
_DURABLE = ("fsync", "fdatasync", "replace", "unlink")
SECRETS = (b"open sesame", b"hunter2hunter2", b"ABCD-2345", b"PRIVATE KEY", b"argon2id")


class Card:
    """What an installer laid onto cards: all files of one camera."""

    def __init__(self, folder: Path) -> None:
        self.key = create_camera_key(folder / "camera.key")
        account = OwnerAccount.of(self.key.camera_id, "s" * 43)
        self.files = {
            "camera.key": (folder / "camera.key").read_bytes(),
            "edgecam.toml": SMALL.encode(),
            "wifi.toml": b'country = "JP"\nssid = "x"\npassphrase = "open sesame"\n',
            "broker.password": b"hunter2hunter2",
            "setup-code.txt": b"ABCD-2345",
            "owner.account": account.encode(),
            "owner.age": owner(0)[1],
            "owner.age-recipient": owner(0)[0].encode(),
        }

    def stand(self, folder: Path) -> FirstBootStand:
        made = FirstBootStand(folder, ring_bytes=1 << 20)
        for name, data in self.files.items():
            made.lay(name, data)
        return made


def ring_is_ours(stand: FirstBootStand, public: bytes) -> bool:
    medium = FileMedium.open(stand.image.ring, writable=False)
    try:
        return RingReader(medium).superblock.camera_public == public
    finally:
        medium.close()


def check_whole(stand: FirstBootStand, card: Card, problems: list[str]) -> None:
    """What every first start comes to, however often it was cut off."""
    places = stand.places
    # A megabyte keeps no days at all, and it says so.
    assert [problem for problem in problems if "cannot be kept" not in problem] == []
    assert stage_of(places) is Stage.READY
    assert load_camera_key(places.camera_key).camera_id == card.key.camera_id
    assert places.recipients.read_text().strip() == owner(0)[0]
    assert places.locked_owner.read_bytes() == owner(0)[1]
    assert places.accounts.exists()
    assert places.broker_password.read_text() == "hunter2hunter2\n"
    assert stand.settings.camera.width == 320
    assert not places.setup_code.exists()
    assert not places.masks.exists()
    assert not stand.image.preparing.exists()
    assert ring_is_ours(stand, card.key.public)
    left = stand.in_boot_folder()
    assert not [secret for secret in SECRETS if secret in left]


def test_a_first_start_survives_a_cut_at_any_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = Card(tmp_path)
    # How hard a hash is here is measured elsewhere, and takes its time.
    monkeypatch.setattr("edgecam.appliance.preparedowner.calibrated", lambda: FLOOR)
    supply = Supply(monkeypatch, _DURABLE)
    cuts = 0
    for moment in range(1, 1000):
        stand = card.stand(tmp_path / str(moment))
        supply.count, supply.fails_at = 0, moment
        try:
            problems = stand.start()
        except PowerFails:
            cuts += 1
        else:
            check_whole(stand, card, problems)
            break
        supply.fails_at = 0
        # Whoever is said to own it has a ring to own.
        if stand.image.settings.exists() and stand.places.recipients.exists():
            assert ring_is_ours(stand, card.key.public)
        again = stand.start()
        check_whole(stand, card, again or problems_of(stand))
        stand.image.ring.unlink()
    assert cuts > 60


def problems_of(stand: FirstBootStand) -> list[str]:
    return [line for line in stand.said().splitlines()[1:] if line]


@pytest.mark.row("C8")
def test_a_reset_survives_a_cut_at_any_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = Card(tmp_path)
    monkeypatch.setattr("edgecam.appliance.preparedowner.calibrated", lambda: FLOOR)
    supply = Supply(monkeypatch, _DURABLE)
    cuts = 0
    for moment in range(1, 1000):
        supply.fails_at = 0
        stand = card.stand(tmp_path / str(moment))
        stand.start()
        supply.count, supply.fails_at = 0, moment
        try:
            factory_reset(stand.image, "order", SystemClock())
        except PowerFails:
            cuts += 1
        else:
            break
        supply.fails_at = 0
        began = is_under_way(stand.image)
        stand.start()
        anew = load_camera_key(stand.places.camera_key).camera_id != card.key.camera_id
        # Either nothing was erased, or everything; nothing lies between.
        log = stand.image.reset_log
        assert anew == began or (anew and log.exists())
        if anew:
            assert stage_of(stand.places) is Stage.NEW
            assert is_blank(stand.image.ring)
            assert log.read_text().count("\n") == 1
        else:
            assert stage_of(stand.places) is Stage.READY
        assert not is_under_way(stand.image)
        stand.image.ring.unlink()
    assert cuts > 40
