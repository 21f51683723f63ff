"""A change of the file in force is burnt from one frame to the next, and doubt makes all private."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes.masksets import CAMERA, SOMEBODY, mask_set_of

from edgecam.core.durable import replace_durably
from edgecam.core.frames import MaskedFrame, RawFrame
from edgecam.core.picture import Picture
from edgecam.masking.burn import FILL_Y, NO_MASKS
from edgecam.masking.drawing import DrawnPicture, Mask
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


def burnt(burner: FollowingBurner) -> MaskedFrame:
    picture = Picture(*SIZE)
    picture.buffer.fill(200)
    return burner.burn(RawFrame(picture, 0, 0), want_small=False)


def hidden(frame: MaskedFrame) -> tuple[bool, bool]:
    """Whether the left and the right edge of the picture are fill."""
    left, right = frame.full.y[:, :8] == FILL_Y, frame.full.y[:, -8:] == FILL_Y
    return bool(np.all(left)), bool(np.all(right))


def test_a_new_set_is_burnt_by_the_burner_that_is_in_use(path: Path) -> None:
    masks = MasksInForce(path, CAMERA.public, 0)
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
    masks = MasksInForce(path, CAMERA.public, 0)
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
    masks = MasksInForce(path, CAMERA.public, 0)
    burner = masks.burner(SIZE)
    assert burnt(burner).private
    masks.look()
    assert burnt(burner).private
    path.write_bytes(LEFT.encode())
    masks.look()
    assert hidden(burnt(burner)) == (True, False)


def test_masks_of_another_picture_make_all_private_and_say_so(path: Path) -> None:
    masks = MasksInForce(path, CAMERA.public, 0)
    burner = masks.burner(SIZE)
    tall = mask_set_of(*LEFT.drawing.masks, picture=DrawnPicture(width=32, height=64))
    replace_durably(path, tall.encode())
    masks.look()
    assert burnt(burner).private
    assert "drawn on a picture of 32x64" in masks.faults[0].sentence


def test_a_lock_changes_nothing_that_is_burnt(path: Path) -> None:
    masks = MasksInForce(path, CAMERA.public, 0)
    burner = masks.burner(SIZE)
    replace_durably(path, replace(LEFT, locked=SOMEBODY).signed(CAMERA.sign).encode())
    masks.look()
    assert burnt(burner).mask_hash == LEFT.mask_hash


def test_a_source_opened_again_is_burnt_with_what_is_in_force_then(path: Path) -> None:
    masks = MasksInForce(path, CAMERA.public, 0)
    masks.burner(SIZE)
    replace_durably(path, RIGHT.encode())
    masks.look()
    assert hidden(burnt(masks.burner(SIZE))) == (False, True)
