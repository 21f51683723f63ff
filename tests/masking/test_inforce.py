"""A change of the file in force is burnt from one frame to the next, and doubt makes all private."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from aimstand import HEIGHT, LOOK_NS, NO_MASK, WIDTH, DrawnCamera
from fakes.masksets import CAMERA, SOMEBODY, mask_set_of
from fakes.unmasked import NoView

from edgecam.core.aim import AimState
from edgecam.core.clock import Instant, TimeTrust
from edgecam.core.durable import replace_durably
from edgecam.core.frames import MaskedFrame, RawFrame
from edgecam.core.picture import Picture
from edgecam.masking.aiming import UNGUARDED, Aiming
from edgecam.masking.aimstore import AimStore
from edgecam.masking.burn import NO_MASKS
from edgecam.masking.drawing import DrawnPicture, Mask
from edgecam.masking.fill import FILL_Y
from edgecam.masking.inforce import FollowingBurner, MasksInForce

pytestmark = pytest.mark.row("M6")

LEFT = mask_set_of(Mask(name="left", reason="other", polygon=((0, 0), (0.5, 0), (0.5, 1), (0, 1))))
RIGHT = mask_set_of(Mask(name="right", reason="other", polygon=((0.5, 0), (1, 0), (1, 1), (0.5, 1))))
SIZE = 64, 32


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "masks.json"
    path.write_bytes(LEFT.encode())
    return path


def following(path: Path, aiming: Aiming = UNGUARDED) -> MasksInForce:
    return MasksInForce(path, CAMERA.public, 0, aiming, NoView())


def burnt(burner: FollowingBurner) -> MaskedFrame:
    picture = Picture(*SIZE)
    picture.buffer.fill(200)
    return burner.burn(RawFrame(picture, 0, 0), want_small=False)


def hidden(frame: MaskedFrame) -> tuple[bool, bool]:
    """Whether the left and the right edge of the picture are fill."""
    left, right = frame.full.y[:, :8] == FILL_Y, frame.full.y[:, -8:] == FILL_Y
    return bool(np.all(left)), bool(np.all(right))


def test_a_new_set_is_burnt_by_the_burner_that_is_in_use(path: Path) -> None:
    masks = following(path)
    burner = masks.burner(SIZE)
    assert hidden(burnt(burner)) == (True, False)
    replace_durably(path, RIGHT.encode())
    assert hidden(burnt(burner)) == (True, False)
    masks.look()
    frame = burnt(burner)
    assert hidden(frame) == (False, True)
    assert (frame.mask_hash, frame.private) == (RIGHT.mask_hash, False)
    assert (masks.mask_hash, masks.private, masks.faults) == (RIGHT.mask_hash.hex(), False, [])


@pytest.mark.parametrize("trouble", ["broken", "missing", "another camera's", "a folder"])
def test_doubt_makes_all_private_until_there_are_masks_again(path: Path, trouble: str) -> None:
    masks = following(path)
    burner = masks.burner(SIZE)
    path.unlink()
    if trouble == "broken":
        path.write_bytes(LEFT.encode()[:-9])
    elif trouble == "another camera's":
        path.write_bytes(replace(LEFT, camera="edgecam_00000000").encode())
    elif trouble == "a folder":
        path.mkdir()
    masks.look()
    frame = burnt(burner)
    assert hidden(frame) == (True, True)
    assert (frame.mask_hash, frame.private) == (NO_MASKS, True)
    assert masks.private
    assert "the whole picture is masked" in masks.faults[0].sentence
    if trouble == "a folder":
        path.rmdir()
    replace_durably(path, RIGHT.encode())
    masks.look()
    assert hidden(burnt(burner)) == (False, True)
    assert not masks.private


def test_a_camera_that_begins_without_masks_takes_the_first(tmp_path: Path) -> None:
    path = tmp_path / "masks.json"
    masks = following(path)
    burner = masks.burner(SIZE)
    assert burnt(burner).private
    masks.look()
    assert burnt(burner).private
    path.write_bytes(LEFT.encode())
    masks.look()
    assert hidden(burnt(burner)) == (True, False)


def test_masks_of_another_picture_make_all_private_and_say_so(path: Path) -> None:
    masks = following(path)
    burner = masks.burner(SIZE)
    tall = mask_set_of(*LEFT.drawing.masks, picture=DrawnPicture(width=32, height=64))
    replace_durably(path, tall.encode())
    masks.look()
    assert burnt(burner).private
    assert "drawn on a picture of 32x64" in masks.faults[0].sentence


def test_a_lock_changes_nothing_that_is_burnt(path: Path) -> None:
    masks = following(path)
    burner = masks.burner(SIZE)
    replace_durably(path, replace(LEFT, locked=SOMEBODY).signed(CAMERA.sign).encode())
    masks.look()
    assert burnt(burner).mask_hash == LEFT.mask_hash


def test_a_source_opened_again_is_burnt_with_what_is_in_force_then(path: Path) -> None:
    masks = following(path)
    masks.burner(SIZE)
    replace_durably(path, RIGHT.encode())
    masks.look()
    assert hidden(burnt(masks.burner(SIZE))) == (False, True)


def test_a_thread_that_dies_leaves_all_private(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    masks = following(path)
    burner = masks.burner(SIZE)
    assert not burnt(burner).private

    class Over(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            return False

    monkeypatch.setattr(AimStore, "identity", lambda _store: 1 / 0)
    monkeypatch.setattr(masks, "_aiming", Aiming(AimStore(path, CAMERA)))
    with pytest.raises(ZeroDivisionError):
        masks.run(Over())
    assert burnt(burner).private
    assert burnt(masks.burner(SIZE)).private
    assert "until a restart" in masks.faults[0].sentence


class Watched:
    """A drawn street behind a burner that guards its aim; the file in force hides a part of it."""

    def __init__(self, folder: Path) -> None:
        self.path, self.camera, self.looks = folder / "masks.json", DrawnCamera(covered=NO_MASK), 0
        hidden = Mask(name="next door", reason="neighbour", polygon=((0, 0), (0.3, 0), (0.3, 0.4), (0, 0.4)))
        self.set = mask_set_of(hidden)
        self.path.write_bytes(self.set.encode())
        self.store = AimStore(self.path, CAMERA)
        self.confirm(self.set.mask_hash)
        self.masks = following(self.path, Aiming(self.store))
        self.burner = self.masks.burner((WIDTH, HEIGHT))

    def confirm(self, mask_hash: bytes) -> None:
        now = Instant(1_800_000_000_000_000_000 + self.looks, 5, bytes(16), TimeTrust.SYNCED)
        self.store.confirm("M. Tanaka", now, mask_hash)

    def seconds(self, duration_s: float) -> list[MaskedFrame]:
        frames = []
        for number in range(round(duration_s * 5)):
            if number % 5 == 0:
                self.masks.look()
            picture = Picture(WIDTH, HEIGHT)
            picture.buffer.fill(128)
            picture.y[:] = self.camera.look()
            self.looks += 1
            frames.append(self.burner.burn(RawFrame(picture, self.looks * LOOK_NS, self.looks), want_small=True))
        return frames


@pytest.mark.row("M4")
def test_a_camera_that_is_knocked_shows_nothing_more(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    frames = watched.seconds(8)
    assert frames[0].private
    assert not frames[-1].private
    assert (watched.masks.private, watched.masks.faults) == (False, [])
    watched.camera.dx = 0.1
    frames = watched.seconds(3)
    private = [number for number, frame in enumerate(frames) if frame.private]
    assert private[0] <= 9
    assert private == list(range(private[0], len(frames)))
    for frame in frames[private[0] :]:
        assert frame.small is not None
        assert np.all(frame.full.y == FILL_Y)
        assert frame.mask_hash == NO_MASKS
    assert np.all(frames[-1].small.y == FILL_Y)  # type: ignore[union-attr]
    assert frames[-1].aim.state is AimState.MOVED
    assert watched.masks.aim.right == pytest.approx(-0.1, abs=0.01)
    assert watched.masks.private
    assert [fault.code for fault in watched.masks.faults] == ["aim"]


@pytest.mark.row("M4")
def test_masks_follow_a_small_drift_and_go_back_with_it(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    before = watched.seconds(8)[-1]
    covered = before.full.y == FILL_Y
    watched.camera.dx = -0.012
    frames = watched.seconds(5)
    assert any(frame.private for frame in frames)
    drifted = frames[-1]
    assert drifted.aim.state is AimState.DRIFTED
    assert not drifted.private
    assert drifted.mask_hash == watched.set.mask_hash
    now = drifted.full.y == FILL_Y
    assert np.all(now[covered])
    # The scene went to the right: so did what hides it, and what came into view at the left is hidden.
    edge = int(np.flatnonzero(covered[5])[-1])
    assert np.all(now[5, : edge + round(0.012 * WIDTH) + 1])
    assert np.all(now[-5, : round(0.012 * WIDTH) - 4])
    assert "drifted" in watched.masks.faults[0].sentence
    watched.camera.dx = 0.0
    back = watched.seconds(5)[-1]
    assert back.aim.state is AimState.STEADY
    assert np.array_equal(back.full.y == FILL_Y, covered)
    assert watched.masks.faults == []


@pytest.mark.row("M4")
def test_masks_that_were_changed_and_not_looked_at_make_private(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.seconds(8)
    replace_durably(watched.path, RIGHT.encode())
    assert watched.seconds(1)[-1].private
    watched.confirm(RIGHT.mask_hash)
    assert not watched.seconds(2)[-1].private
