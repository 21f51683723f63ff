from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edgecam.analysis.contour import contoured

pytestmark = pytest.mark.row("A3")
F32 = NDArray[np.float32]


def _floor() -> F32:
    """Tiles with some grain."""
    rng = np.random.default_rng(2)
    tiles = np.kron(rng.uniform(90, 150, (8, 8)), np.ones((8, 8)))
    return np.asarray(cv2.blur((tiles + rng.normal(0, 4, tiles.shape)).astype(np.float32), (3, 3)), np.float32)


def _with_bag(floor: F32) -> tuple[F32, NDArray[np.uint8]]:
    mask = np.zeros(floor.shape, np.uint8)
    cv2.ellipse(mask, (32, 34), (9, 13), 0, 0, 360, 255, -1)
    now = floor.copy()
    now[mask > 0] = 30 + np.random.default_rng(4).normal(0, 4, int((mask > 0).sum()))
    return np.asarray(cv2.blur(now, (3, 3)), np.float32), mask


def test_what_came_has_its_edges_now_and_what_went_had_them_before() -> None:
    floor = _floor()
    now, mask = _with_bag(floor)
    came, went = contoured(now, floor, mask), contoured(floor, now, mask)
    assert came.lean > 0.3
    assert went.lean == pytest.approx(-came.lean, abs=1e-5)
    assert came.sharpness > 0.15
    assert abs(came.likeness) < 0.5


def test_a_shadow_leaves_the_texture() -> None:
    floor = _floor()
    _, mask = _with_bag(floor)
    soft = cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), 4)
    shown = contoured(np.asarray(floor * (1 - 0.45 * soft), np.float32), floor, mask)
    assert shown.likeness > 0.9


def test_a_soft_spot_of_light_on_a_bare_wall_has_no_sharp_outline() -> None:
    wall = np.full((64, 64), 110, np.float32)
    y, x = np.mgrid[0:64, 0:64]
    spot = 60 * np.exp(-((x - 32) ** 2 + (y - 32) ** 2) / (2 * 16.0**2))
    mask = np.asarray((spot > 20) * np.uint8(255), np.uint8)
    assert contoured(np.asarray(wall + spot, np.float32), wall, mask).sharpness < 0.06
