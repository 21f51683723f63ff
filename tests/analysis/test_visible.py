"""What the masks hide is learned from their fill, and only from that."""

from __future__ import annotations

import numpy as np
import pytest
from analysisstand import copied, noisy, scene
from rulestand import FILL, SIZE, masked

from edgecam.analysis.line import Line
from edgecam.analysis.visible import Visible
from edgecam.core.picture import Picture


def _looked(pictures: list[Picture], visible: Visible | None = None, start_s: float = 0.0) -> Visible:
    seeing = visible or Visible(SIZE, FILL)
    for number, picture in enumerate(pictures):
        seeing.observe(picture, start_s + number / 5)
    return seeing


@pytest.mark.row("A3")
def test_fill_is_hidden_and_the_rest_is_not() -> None:
    visible = _looked([masked(100, 200, 300, 360)] * 5)
    assert visible.hides(200, 300)
    assert not visible.hides(50, 300)
    assert not visible.hides(200, 190)
    assert not visible.hides(200, 400)
    assert visible.cells.mean() == pytest.approx(1 - 200 * 160 / (640 * 360), abs=0.01)


def test_a_passing_look_like_fill_hides_nothing() -> None:
    plain, filled = scene(*SIZE), masked(100, 100, 200, 200)
    assert not _looked([plain] * 5 + [filled] * 4 + [plain]).hides(150, 150)


def test_a_new_mask_hides_and_one_that_is_lifted_shows() -> None:
    plain, filled = scene(*SIZE), masked(100, 100, 200, 200)
    visible = _looked([plain] * 5)
    _looked([filled] * 12, visible, 10.0)
    assert visible.hides(150, 150)
    _looked([plain] * 4, visible, 20.0)
    assert not visible.hides(150, 150)


@pytest.mark.row("A3")
def test_of_a_line_what_no_mask_hides_is_visible() -> None:
    visible = _looked([masked(100, 200, 300, 360)] * 5)
    assert visible.share_of(Line("gate", ((120, 220), (200, 300), (280, 220)))) == 0
    assert visible.share_of(Line("gate", ((120, 100), (280, 100)))) == 1
    assert visible.share_of(Line("gate", ((200, 300), (400, 300)))) == pytest.approx(0.5, abs=0.02)


def test_grey_that_is_not_quite_the_fill_is_seen() -> None:
    picture = masked(100, 100, 200, 200)
    rng = np.random.default_rng(1)
    looks = [copied(picture) for _ in range(20)]
    for look in looks:
        noisy(look, rng, 2.0)
    assert _looked(looks).cells.all()
