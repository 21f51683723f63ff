"""`edgecam prepare`: what it writes is what a first start takes, and its owner then signs in and opens footage."""

from __future__ import annotations

from pathlib import Path

import pytest
from firstbootstand import FirstBootStand
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from edgecam.__main__ import app
from edgecam.appliance.owneraccount import OwnerAccount, decode_owner_account
from edgecam.core.errors import BadInput
from edgecam.custody.accounts.accountstore import read_accounts
from edgecam.keys.camera import load_camera_key
from edgecam.keys.owner import unlock_owner
from edgecam.keys.signinsecret import sign_in_secret
from edgecam.stage import Stage, setup_code, stage_of

pytestmark = pytest.mark.row("I1")
PASSPHRASE = "seven blue herons cross the estuary 42"


@pytest.fixture
def stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FirstBootStand:
    monkeypatch.setenv("EDGECAM_PASSPHRASE", PASSPHRASE)
    monkeypatch.setenv("EDGECAM_WIFI_PASSPHRASE", "open sesame")
    return FirstBootStand(tmp_path)


def prepared(stand: FirstBootStand, *options: str) -> str:
    done = CliRunner().invoke(app, ["prepare", str(stand.image.boot), *options])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_prepared_camera_is_its_owners_from_the_first_start_on(stand: FirstBootStand) -> None:
    said = prepared(stand, "--name", "door", "--wifi", "Shop", "--country", "JP", "--source", "scene:street")
    assert PASSPHRASE not in said
    stand.start()
    places = stand.places
    key = load_camera_key(places.camera_key)
    assert key.camera_id in said
    assert stage_of(places) is Stage.READY
    assert stand.settings.camera.name == "door"
    assert stand.image.station.exists()
    # The page: as a browser does it, with the camera's own name for salt.
    account = read_accounts(places.accounts, key.public).of("owner")
    assert account.password.matches(sign_in_secret(PASSPHRASE, key.camera_id, "owner"))
    # The footage.
    identity = unlock_owner(places.locked_owner.read_bytes(), PASSPHRASE)
    assert identity.recipient() == places.recipients.read_text().strip()
    left = stand.in_boot_folder()
    for secret in (b"PRIVATE KEY", b"argon2id", b"open sesame", b"age-encryption"):
        assert secret not in left


def test_one_owner_for_many_cameras(stand: FirstBootStand, tmp_path: Path) -> None:
    first = FirstBootStand(tmp_path / "first")
    prepared(first)
    kept = tmp_path / "owner.age"
    kept.write_bytes((first.image.boot / "owner.age").read_bytes())
    prepared(stand, "--owner-key", str(kept))
    for one in (first, stand):
        one.start()
    assert first.places.recipients.read_bytes() == stand.places.recipients.read_bytes()
    assert first.places.camera_key.read_bytes() != stand.places.camera_key.read_bytes()


def test_a_label_for_the_wizard_tells_what_the_camera_takes(stand: FirstBootStand) -> None:
    said = prepared(stand, "--wizard")
    assert stand.start() == []
    assert stage_of(stand.places) is Stage.NEW
    assert setup_code(stand.places) in said


@pytest.mark.row("I2")
@pytest.mark.provision("EN303645-5.3-4B")
@pytest.mark.parametrize(
    ("options", "automatic"), [([], True), (["--updates-by-hand"], False), (["--wizard"], False)]
)
def test_updates_come_by_themselves_once_somebody_agreed(
    stand: FirstBootStand, options: list[str], automatic: bool
) -> None:
    prepared(stand, "--updates", "https://updates.example/edgecam", "--source", "scene:street", *options)
    stand.start()
    chosen = stand.settings.update
    assert (chosen.url, chosen.automatic) == ("https://updates.example/edgecam", automatic)


def test_without_an_address_nothing_is_said_of_updates(stand: FirstBootStand) -> None:
    prepared(stand)
    assert "[update]" not in (stand.image.boot / "edgecam.toml").read_text()


def test_a_recipient_alone_records_and_lets_nobody_in(stand: FirstBootStand) -> None:
    recipient = "age1a64v0354cjqwh6r8g9nugk8gyn05weq5eydx09mrgwmlmylcv3jsjwm2ks"
    prepared(stand, "--recipient", recipient)
    written = {path.name for path in stand.image.boot.iterdir()}
    stand.start()
    assert stand.places.recipients.read_text().strip() == recipient
    assert not stand.places.accounts.exists()
    # Its key was never anywhere else.
    assert "camera.key" not in written


@pytest.mark.parametrize(
    "options",
    [
        ("--recipient", "age1nobody"),
        ("--recipient", "age1x", "--wizard"),
        ("--wifi", "Shop"),
        ("--policy", "forever"),
        ("--owner-key", "/nowhere/owner.age", "--wizard"),
    ],
)
def test_what_cannot_be_used_is_refused_before_anything_is_written(
    stand: FirstBootStand, options: tuple[str, ...]
) -> None:
    done = CliRunner().invoke(app, ["prepare", str(stand.image.boot), *options])
    assert done.exit_code != 0
    assert list(stand.image.boot.iterdir()) == []


def test_a_card_that_was_prepared_is_not_prepared_over(stand: FirstBootStand) -> None:
    prepared(stand)
    done = CliRunner().invoke(app, ["prepare", str(stand.image.boot)])
    assert done.exit_code != 0


def test_an_account_of_another_camera_lets_nobody_in(stand: FirstBootStand, tmp_path: Path) -> None:
    prepared(stand)
    (stand.image.boot / "camera.key").unlink()
    problems = stand.start()
    assert any("owner.account is for" in problem for problem in problems)
    assert stage_of(stand.places) is Stage.READY
    assert not stand.places.accounts.exists()


@given(st.text(max_size=200) | st.binary(max_size=60).map(lambda b: b.decode("latin-1")))
def test_any_text_is_no_account(text: str) -> None:
    with pytest.raises(BadInput):
        decode_owner_account(text)


def test_an_account_reads_as_it_was_written() -> None:
    made = OwnerAccount.of("edgecam_1a2b3c4d", "s" * 43)
    assert decode_owner_account(made.encode().decode()) == made
    assert b"sss" not in made.encode()
