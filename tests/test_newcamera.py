"""What a camera is on its way from the box: new once, and never again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from newcamerastand import NewCameraStand, owner, take

from edgecam.core.clock import SystemClock
from edgecam.core.errors import BadInput, NotAllowed
from edgecam.keys.owner import check_locked
from edgecam.newcamera import camera_key, keep_owner, make_ring
from edgecam.places import find_places
from edgecam.settings import load_settings
from edgecam.stage import Stage, setup_code, stage_of
from edgecam.web.firststeps import SetupStep

pytestmark = pytest.mark.row("W1")


@pytest.fixture
def stand(tmp_path: Path) -> NewCameraStand:
    return NewCameraStand(tmp_path / "camera")


def test_the_stages_from_the_box_to_recording(stand: NewCameraStand) -> None:
    run = stand.first_run()
    assert stage_of(stand.places) is Stage.NEW
    take(run, SetupStep.LANGUAGE)
    assert stage_of(stand.places) is Stage.NEW
    take(run, SetupStep.OWNER)
    assert stage_of(stand.places) is Stage.OWNED
    take(run, SetupStep.RETENTION)
    assert stage_of(stand.places) is Stage.READY


@pytest.mark.row("K1")
@pytest.mark.parametrize("lost", ["owner.recipients", "ring.edgecam", "first-run.json", "owner.age"])
def test_a_camera_that_lost_something_is_not_new_again(stand: NewCameraStand, lost: str) -> None:
    """A stranger must not come to own what somebody else recorded."""
    run = stand.first_run()
    take(run, SetupStep.OWNER)
    take(run, SetupStep.RETENTION)
    (stand.places.state_dir / lost).unlink()
    if lost == "ring.edgecam":
        # Set-up was over, so that this is a disk that is not mounted, and not one that never was.
        stand.places.first_run.unlink()
    assert stage_of(stand.places) is Stage.READY


def test_a_camera_set_up_on_the_command_line_never_was_new(stand: NewCameraStand) -> None:
    keep_owner(stand.places, *owner(0))
    assert stage_of(stand.places) is Stage.READY


def test_a_ring_that_got_its_size_and_no_more_is_none(stand: NewCameraStand) -> None:
    take(stand.first_run(), SetupStep.OWNER)
    with open(stand.places.ring, "wb") as file:
        os.posix_fallocate(file.fileno(), 0, 1 << 26)
    assert stage_of(stand.places) is Stage.OWNED
    settings = load_settings(stand.places.settings)
    assert make_ring(stand.places, settings, camera_key(stand.places), SystemClock().now())
    assert stage_of(stand.places) is Stage.READY


@pytest.mark.parametrize("made_of", ["noise", "folder"])
def test_what_is_no_ring_is_not_written_over(stand: NewCameraStand, made_of: str) -> None:
    take(stand.first_run(), SetupStep.OWNER)
    if made_of == "noise":
        stand.places.ring.write_bytes(os.urandom(1 << 20))
    else:
        stand.places.ring.mkdir()
    assert stage_of(stand.places) is Stage.READY


def test_the_code_is_of_this_camera_and_stays_until_it_is_owned(stand: NewCameraStand, tmp_path: Path) -> None:
    code = setup_code(stand.places)
    assert setup_code(stand.places) == code
    assert stand.places.setup_code.stat().st_mode & 0o777 == 0o600
    assert NewCameraStand(tmp_path / "other").code != code
    take(stand.first_run(), SetupStep.OWNER)
    assert not stand.places.setup_code.exists()


def test_a_code_on_a_label_that_was_printed_before_is_used(tmp_path: Path) -> None:
    folder = tmp_path / "camera"
    (folder / "edgecam-state").mkdir(parents=True)
    (folder / "edgecam-state" / "setup-code.txt").write_text("LABE-L234\n")
    stand = NewCameraStand(folder)
    stand.first_run().check_code("labe l234")
    with pytest.raises(NotAllowed):
        stand.first_run().check_code("LABE-L235")


@pytest.mark.parametrize(
    "locked",
    [
        b"",
        b"AGE-SECRET-KEY-1",
        b"age-encryption.org/v1\n-> X25519 abc\n",
        b"age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 8\n",
        b"age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 30\n",
        b"age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 18\n" + bytes(4096),
    ],
)
def test_an_owner_is_not_kept_under_a_lock_that_is_none(stand: NewCameraStand, locked: bytes) -> None:
    with pytest.raises(BadInput) as refused:
        stand.first_run().make_owner(owner(0)[0], locked, "s" * 43)
    assert refused.value.field == "locked"
    assert stage_of(stand.places) is Stage.NEW
    check_locked(owner(0)[1])


def test_nobody_takes_a_camera_that_is_owned(stand: NewCameraStand) -> None:
    run = stand.first_run()
    take(run, SetupStep.OWNER)
    with pytest.raises(NotAllowed, match="has an owner"):
        take(run, SetupStep.OWNER, person=1)
    with pytest.raises(NotAllowed, match="has an owner"):
        run.check_code("ABCD-EFGH")
    assert stand.places.recipients.read_text().strip() == owner(0)[0]
    assert stand.accounts == ["s" * 43]


def test_places_of_a_new_camera_do_not_move_when_its_folder_is_made(tmp_path: Path) -> None:
    (tmp_path / "edgecam.toml").write_text("")
    stand = NewCameraStand(tmp_path)
    assert find_places(tmp_path / "edgecam.toml")[1] == stand.places
