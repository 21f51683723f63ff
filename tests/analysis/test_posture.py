from __future__ import annotations

import cv2
import numpy as np
import pytest
from analysisstand import WALL_NS, copied, noisy, scene

from edgecam.analysis.box import Box
from edgecam.analysis.look import Look
from edgecam.analysis.motion import MotionModel
from edgecam.analysis.posture import posture

pytestmark = pytest.mark.row("A3")


def _look(angle_deg: float) -> Look:
    """A look at a bar of 120 by 36 pixels that lies at ``angle_deg`` to the horizon."""
    rng, still = np.random.default_rng(3), scene()
    model = MotionModel(still.width, still.height)
    for index in range(20):
        frame = copied(still)
        noisy(frame, rng, 1.0)
        model.observe(frame.y, 0.2 if index else 0.0)
    corners = cv2.boxPoints(((320, 200), (120, 36), -angle_deg)).astype(np.int32)
    cv2.fillConvexPoly(frame.y, corners, 245)
    regions = model.observe(frame.y, 0.2)
    return Look(4.0, WALL_NS, 0.2, frame, model, regions, [])


@pytest.mark.parametrize(("angle_deg", "lean_deg"), [(90, 0), (60, 30), (30, 60), (0, 90)])
def test_the_main_axis_is_where_the_body_points(angle_deg: float, lean_deg: float) -> None:
    shown = posture(_look(angle_deg), Box(250, 130, 390, 270))
    assert shown is not None
    assert shown.lean_deg == pytest.approx(lean_deg, abs=8)
    assert 2.0 < shown.stretch < 4.5
    assert shown.box.holds(320, 200)


def test_where_nothing_hides_the_background_there_is_no_body() -> None:
    assert posture(_look(0), Box(20, 20, 80, 140)) is None
