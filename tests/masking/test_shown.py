"""What is told of masks follows the files, whatever state they are in."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.masksets import CAMERA, SOMEBODY

from edgecam.core.clock import Instant, TimeTrust
from edgecam.masking.drawing import Drawing, Mask, OwnArea
from edgecam.masking.lifecycle import MaskState, Role
from edgecam.masking.maskstore import MaskStore
from edgecam.masking.shown import MasksBoard

pytestmark = [pytest.mark.row("M5"), pytest.mark.row("W2")]

NOW = Instant(SOMEBODY.at_wall_ns, 0, bytes(16), TimeTrust.SYNCED)
HOUSE = Mask(name="next door", reason="neighbour", polygon=((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))
GARDEN = OwnArea(name="garden", polygon=((0.1, 0.1), (0.9, 0.1), (0.9, 0.9)))


@pytest.fixture
def store(tmp_path: Path) -> MaskStore:
    return MaskStore(tmp_path / "masks.json", CAMERA)


def test_a_camera_without_masks_says_why_all_is_masked(store: MaskStore) -> None:
    shown = MasksBoard(store).look((0, 0))
    assert (shown.state, shown.in_force, shown.outlines, shown.coming) == (MaskState.NONE, None, (), ())
    assert "there are none yet" in shown.trouble


def test_who_answers_for_what_is_burnt_and_what_is_to_follow(store: MaskStore) -> None:
    board = MasksBoard(store)
    store.begin(Drawing(masks=(HOUSE,), margin=0.0), "M. Tanaka", NOW)
    shown = board.look((640, 480))
    assert shown.in_force is not None
    assert (shown.in_force.version, shown.in_force.confirmed_by, shown.in_force.locked_by) == (1, "M. Tanaka", "")
    assert shown.in_force.masked_share == pytest.approx(0.5, abs=0.02)
    assert [(o.name, o.reason, o.points) for o in shown.outlines] == [("next door", "neighbour", HOUSE.polygon)]
    store.draw(Drawing(masks=(HOUSE,), own=(GARDEN,)), Role.INSTALLER)
    assert [outline.reason for outline in board.look((640, 480)).coming] == ["neighbour", "own"]
    store.propose("K. Sato", NOW, Role.INSTALLER)
    shown = board.look((640, 480))
    assert (shown.state, len(shown.coming), len(shown.outlines)) == (MaskState.PROPOSED, 2, 1)
    store.confirm("M. Tanaka", NOW)
    store.lock("M. Tanaka", NOW)
    shown = board.look((640, 480))
    assert shown.in_force is not None
    assert (shown.in_force.version, shown.in_force.locked_by, shown.coming) == (2, "M. Tanaka", ())
    assert shown.in_force.masked_share > 0.5


@pytest.mark.parametrize("name", ["masks.json", "masks.draft.json", "masks.proposed.json"])
def test_broken_files_are_told_or_passed_over(store: MaskStore, tmp_path: Path, name: str) -> None:
    store.begin(Drawing(masks=(HOUSE,)), "M. Tanaka", NOW)
    (tmp_path / name).write_bytes(b"{")
    shown = MasksBoard(store).look((640, 480))
    assert shown.coming == ()
    assert (shown.in_force is None, bool(shown.trouble)) == ((name == "masks.json"),) * 2
