"""Privacy by order: burnt from one frame to the next, over restarts, until it is certainly over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from commandstand import NEXT_BOOT, SetClock, instant
from fakes.masksets import CAMERA, mask_set_of

from edgecam.core.clock import NS_PER_S, TimeTrust
from edgecam.core.durable import replace_durably
from edgecam.core.errors import DataLoss
from edgecam.core.frames import MaskedFrame, RawFrame
from edgecam.core.picture import Picture
from edgecam.core.term import Term
from edgecam.masking.aiming import UNGUARDED
from edgecam.masking.burn import NO_MASKS
from edgecam.masking.drawing import Mask
from edgecam.masking.fill import FILL_Y
from edgecam.masking.inforce import FollowingBurner, MasksInForce
from edgecam.masking.privacy import FollowedPrivacy, Privacy, read_privacy

pytestmark = [pytest.mark.row("T5"), pytest.mark.row("M6")]
LEFT = mask_set_of(Mask(name="left", reason="other", polygon=((0, 0), (0.5, 0), (0.5, 1), (0, 1))))
SIZE = 64, 32
HOUR = Term(instant(), 3600 * NS_PER_S)


class View:
    """Counts what it is asked for."""

    def __init__(self) -> None:
        self.looked = self.closed = 0

    def look_for_permit(self) -> None:
        self.looked += 1

    def show(self, raw: RawFrame) -> None:
        assert raw.picture is not None

    def close(self) -> None:
        self.closed += 1


class Stand:
    """Masks in force, and an order beside them."""

    def __init__(self, folder: Path) -> None:
        self.masks_path, self.path = folder / "masks.json", folder / "private.json"
        self.masks_path.write_bytes(LEFT.encode())
        self.clock, self.view = SetClock(), View()

    def started(self) -> tuple[MasksInForce, FollowingBurner]:
        privacy = FollowedPrivacy(self.path, self.clock)
        masks = MasksInForce(self.masks_path, CAMERA.public, 0, UNGUARDED, self.view, privacy)
        return masks, masks.burner(SIZE)


def burnt(burner: FollowingBurner) -> MaskedFrame:
    picture = Picture(*SIZE)
    picture.buffer.fill(200)
    return burner.burn(RawFrame(picture, 0, 0), want_small=False)


def is_private(burner: FollowingBurner) -> bool:
    frame = burnt(burner)
    wholly = bool(np.all(frame.full.y == FILL_Y))
    assert wholly is frame.private
    assert (frame.mask_hash == NO_MASKS) is frame.private
    return wholly


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return Stand(tmp_path)


def test_an_order_is_burnt_and_its_end_gives_the_masks_back(stand: Stand) -> None:
    masks, burner = stand.started()
    assert not is_private(burner)
    assert (stand.view.looked, stand.view.closed) == (0, 0)
    Privacy("centre", 7, HOUR).write(stand.path)
    masks.look()
    assert is_private(burner)
    assert masks.private
    assert masks.faults == [], "an order is no fault"
    assert (stand.view.looked, stand.view.closed) == (0, 1), "nobody sees what is not even recorded"
    stand.path.unlink()
    masks.look()
    frame = burnt(burner)
    assert (frame.private, frame.mask_hash) == (False, LEFT.mask_hash)
    assert np.all(frame.full.y[:, :8] == FILL_Y)
    assert not np.any(frame.full.y[:, -8:] == FILL_Y)
    assert stand.view.looked == 1


def test_it_stands_from_the_first_frame_after_a_start(stand: Stand) -> None:
    Privacy("centre", 7, HOUR).write(stand.path)
    masks, burner = stand.started()
    assert is_private(burner)
    masks.look()
    assert is_private(burner)


def test_new_masks_do_not_end_it(stand: Stand) -> None:
    Privacy("centre", 7, HOUR).write(stand.path)
    masks, burner = stand.started()
    right = Mask(name="right", reason="other", polygon=((0.5, 0), (1, 0), (1, 1), (0.5, 1)))
    replace_durably(stand.masks_path, mask_set_of(right).encode())
    masks.look()
    assert is_private(burner)
    assert is_private(masks.burner(SIZE)), "nor does another picture size"


def test_it_ends_by_itself_when_its_time_is_over(stand: Stand) -> None:
    Privacy("centre", 7, HOUR).write(stand.path)
    masks, burner = stand.started()
    stand.clock.forward(3599)
    masks.look()
    assert is_private(burner)
    stand.clock.forward(1)
    masks.look()
    assert not is_private(burner)


def test_after_a_power_cut_it_goes_on_until_a_clock_is_sure(stand: Stand) -> None:
    Privacy("centre", 7, HOUR).write(stand.path)
    stand.clock.instant = instant(7200 + 60, NEXT_BOOT, TimeTrust.RESTORED)
    stand.clock.instant = replace(stand.clock.instant, mono_ns=60 * NS_PER_S)
    masks, burner = stand.started()
    assert is_private(burner)
    stand.clock.instant = replace(stand.clock.instant, trust=TimeTrust.SYNCED)
    masks.look()
    assert not is_private(burner)


@pytest.mark.parametrize("left", [b"", b"{", b"x" * 9000, b'{"format":1,"by":"a","line":1,"term":{}}'])
def test_a_broken_order_is_private_and_a_fault(stand: Stand, left: bytes) -> None:
    masks, burner = stand.started()
    stand.path.write_bytes(left)
    masks.look()
    assert is_private(burner)
    assert [fault.code for fault in masks.faults] == ["privacy"]
    with pytest.raises(DataLoss, match="whole picture is masked"):
        read_privacy(stand.path)
    stand.path.unlink()
    masks.look()
    assert not is_private(burner)
    assert masks.faults == []


def test_an_order_that_cannot_be_read_is_private(stand: Stand) -> None:
    masks, burner = stand.started()
    stand.path.mkdir()
    masks.look()
    assert is_private(burner)
    assert [fault.code for fault in masks.faults] == ["privacy"]


def test_an_order_survives_its_file(stand: Stand) -> None:
    assert read_privacy(stand.path) is None
    for term in (HOUR, Term(instant(), None)):
        Privacy("센터", 7, term).write(stand.path)
        assert read_privacy(stand.path) == Privacy("센터", 7, term)
        followed = FollowedPrivacy(stand.path, stand.clock)
        assert (followed.stands, followed.by) == (True, "센터")
        assert followed.until_wall_ns == (term.until_wall_ns or 0)
