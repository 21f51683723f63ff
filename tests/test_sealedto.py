"""To whom a camera seals: out of settings, owners' file and signed accounts; what it was before when they break."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pyrage
import pytest
from ringstand import CAMERA, OTHER_CAMERA

from edgecam.core.errors import BadInput, DataLoss, EdgecamError, Unavailable
from edgecam.custody.accounts.accountfile import encode_accounts
from edgecam.custody.accounts.accounts import Account, AccountRole, Accounts
from edgecam.keys.owner import OwnerIdentity
from edgecam.keys.passwordhash import FLOOR, decoy
from edgecam.keys.sealing import SealingKind, Together
from edgecam.places import Places, find_places
from edgecam.sealedto import SealedTo, ToldSealing, followed_sealing

pytestmark = pytest.mark.row("K6")

OWNER, KIM, PARK = (OwnerIdentity(pyrage.x25519.Identity.generate()) for _ in range(3))
KEY = bytes(range(32))
_NOBODY = 65_534


@dataclass
class Stand:
    """The files of a camera that say to whom it seals."""

    places: Places

    def configure(self, kind: str) -> None:
        self.places.settings.write_text(f'[custody]\nsealing = "{kind}"\n')

    def write(self, *accounts: Account) -> None:
        whole = Accounts(CAMERA.camera_id, FLOOR, (of("owner", AccountRole.OWNER), *accounts))
        self.places.accounts.write_bytes(encode_accounts(whole, CAMERA.sign))


def of(name: str, role: AccountRole, recipient: str = "") -> Account:
    number = f"{sum(name.encode()):032x}"
    return Account(number, name, role, decoy(FLOOR), "setup", 0, recipient=recipient)


def operator(name: str, who: OwnerIdentity) -> Account:
    return of(name, AccountRole.OPERATOR, who.recipient())


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    path = tmp_path / "edgecam.toml"
    path.write_text("")
    places = find_places(path)[1]
    places.state_dir.mkdir(exist_ok=True)
    places.recipients.write_text(f"{OWNER.recipient()}\n")
    return Stand(places)


def opens(sealed: bytes, *people: OwnerIdentity) -> bool:
    try:
        return Together(*people).unseal(sealed) == KEY
    except EdgecamError:
        return False


def test_each_kind_is_what_the_files_say(stand: Stand) -> None:
    found = SealedTo(stand.places, CAMERA)
    # Where the owner's key opens alone, nobody asks for accounts.
    assert found.now().kind is SealingKind.OWNER
    stand.write(operator("kim", KIM), of("lee", AccountRole.OPERATOR))
    stand.configure("shared")
    assert found.now().operators == (KIM.recipient(),)
    stand.configure("two_person")
    sealed = found.now().seal(KEY)
    assert opens(sealed, OWNER, KIM)
    assert not opens(sealed, OWNER)
    assert not opens(sealed, KIM)


def test_who_is_switched_off_or_no_operator_any_more_is_left_out(stand: Stand) -> None:
    stand.configure("two_person")
    stand.write(
        operator("kim", KIM),
        replace(operator("park", PARK), disabled=True),
        of("lee", AccountRole.OWNER, OwnerIdentity(pyrage.x25519.Identity.generate()).recipient()),
    )
    assert SealedTo(stand.places, CAMERA).now().operators == (KIM.recipient(),)


def test_a_running_camera_follows_setting_and_accounts(stand: Stand) -> None:
    stand.write()
    followed = followed_sealing(stand.places, CAMERA, remembers=True)
    assert not followed.look()
    stand.configure("two_person")
    assert not followed.look()
    fault = followed.fault
    assert fault is not None
    assert "no operator has one" in fault.sentence
    assert opens(followed.seal(KEY), OWNER)
    stand.write(operator("kim", KIM))
    assert followed.look()
    assert followed.fault is None
    assert opens(followed.seal(KEY), OWNER, KIM)
    stand.write(operator("kim", KIM), operator("park", PARK))
    assert followed.look()
    assert not followed.look()
    stand.write(operator("park", PARK))
    assert followed.look()
    assert not opens(followed.seal(KEY), OWNER, KIM)


def test_a_start_with_nothing_to_use_goes_on_as_before(stand: Stand) -> None:
    stand.configure("two_person")
    stand.write(operator("kim", KIM))
    followed_before = SealedTo(stand.places, CAMERA).now()
    followed_sealing(stand.places, CAMERA, remembers=True)
    stand.write()
    again = followed_sealing(stand.places, CAMERA, remembers=True)
    assert again.fault is not None
    sealed = again.seal(KEY)
    assert opens(sealed, OWNER, KIM)
    assert not opens(sealed, OWNER)
    # What somebody put there is not believed, nor another camera's.
    kept = stand.places.sealed_to
    good = kept.read_bytes()
    forged = good.replace(KIM.recipient().encode(), PARK.recipient().encode())
    for broken in (forged, good[:50], b"", b"[]", b"\xff"):
        kept.write_bytes(broken)
        with pytest.raises(BadInput):
            followed_sealing(stand.places, CAMERA, remembers=True)
    SealedTo(stand.places, OTHER_CAMERA).remember(followed_before)
    with pytest.raises(BadInput):
        followed_sealing(stand.places, CAMERA, remembers=True)


def test_a_camera_that_never_sealed_refuses(stand: Stand) -> None:
    stand.configure("shared")
    with pytest.raises(Unavailable):
        followed_sealing(stand.places, CAMERA, remembers=True)
    stand.places.accounts.write_bytes(b"{}")
    with pytest.raises(DataLoss):
        followed_sealing(stand.places, CAMERA, remembers=True)
    stand.places.recipients.unlink()
    with pytest.raises(BadInput):
        followed_sealing(stand.places, CAMERA, remembers=True)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody who may not read")
def test_who_may_not_read_the_accounts_takes_the_operators_from_who_may() -> None:
    """As recorder and observer where they are other users than the hub."""
    folder = Path(tempfile.mkdtemp(prefix="edgecam-test-"))
    try:
        path = folder / "edgecam.toml"
        path.write_text("")
        places = find_places(path)[1]
        places.state_dir.mkdir()
        places.recipients.write_text(f"{OWNER.recipient()}\n")
        stand = Stand(places)
        stand.write(operator("kim", KIM))
        for shared, mode in (
            (folder, 0o755),
            (places.state_dir, 0o2770),
            (path, 0o644),
            (places.recipients, 0o644),
        ):
            os.chown(shared, 0, _NOBODY)
            shared.chmod(mode)
        places.accounts.chmod(0o600)
        stand.configure("shared")
        found, told = SealedTo(places, CAMERA), ToldSealing(places, CAMERA)
        with _nobody(), pytest.raises(Unavailable, match="not said yet"):
            found.now()
        told.look()
        with _nobody():
            assert found.now().operators == (KIM.recipient(),)
            found.remember(replace(found.now(), operators=()))
            assert found.now().operators == (KIM.recipient(),), "what is told by the hub is the hub's to say"
        stand.write(operator("kim", KIM), operator("park", PARK))
        places.accounts.chmod(0o600)
        told.look()
        with _nobody():
            assert found.now().operators == (KIM.recipient(), PARK.recipient()), "also what changed since"
        stand.configure("two_person")
        with _nobody(), pytest.raises(Unavailable):
            found.now()
    finally:
        shutil.rmtree(folder)


@contextmanager
def _nobody() -> Iterator[None]:
    """For a while this process is nobody."""
    os.setresgid(_NOBODY, _NOBODY, 0)
    os.setresuid(_NOBODY, _NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)
        os.setresgid(0, 0, 0)
