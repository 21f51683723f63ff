"""A zone on the picture: inside is inside, and what masks hide is outside."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.analysis.area import Area
from edgecam.analysis.zone import WHOLE_PICTURE, Zone
from edgecam.core.outline import Point

SIZE = (640, 360)
LEFT_HALF = Zone("left", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))
shares = st.floats(0, 1)


@st.composite
def stars(draw: st.DrawFn) -> tuple[Point, ...]:
    """An outline around a middle, which so never crosses itself; some are thin, some reach the border."""
    x, y = draw(st.floats(0.2, 0.8)), draw(st.floats(0.2, 0.8))
    radii = draw(st.lists(st.floats(0.02, 0.2), min_size=3, max_size=9))
    turn = 2 * math.pi / len(radii)
    return tuple((x + r * math.cos(n * turn), y + r * math.sin(n * turn)) for n, r in enumerate(radii))


def _inside(polygon: tuple[Point, ...], x: float, y: float) -> tuple[bool, float]:
    """By rays and by segments, in pixels: whether a point is inside, and how far it is from the outline."""
    corners = [(a * SIZE[0], b * SIZE[1]) for a, b in polygon]
    inside, nearest = False, math.inf
    for (xa, ya), (xb, yb) in zip(corners, [*corners[1:], corners[0]], strict=True):
        if (ya > y) != (yb > y) and x < xa + (y - ya) / (yb - ya) * (xb - xa):
            inside = not inside
        length = (xb - xa) ** 2 + (yb - ya) ** 2
        along = min(max(((x - xa) * (xb - xa) + (y - ya) * (yb - ya)) / max(length, 1e-9), 0), 1)
        nearest = min(nearest, math.hypot(x - xa - along * (xb - xa), y - ya - along * (yb - ya)))
    return inside, nearest


@pytest.mark.row("A3")
@given(stars(), shares, shares)
def test_the_depth_is_the_distance_to_the_outline_with_the_side_as_its_sign(
    polygon: tuple[Point, ...], x: float, y: float
) -> None:
    px, py = x * SIZE[0] * 0.999, y * SIZE[1] * 0.999
    inside, distance = _inside(polygon, px, py)
    depth = Area(Zone("", polygon), SIZE).depth(px, py)
    # Thin ends of a star are smaller than the grid's cells and vanish, so that deep inside alone is certain.
    if distance > 6 and inside:
        assert depth > 0
    if distance > 4 and not inside:
        assert depth < 0
        assert -depth >= distance - 4
    if depth > 0:
        assert distance + 4 >= depth


def test_the_border_of_the_picture_is_no_border_of_a_zone() -> None:
    area = Area(LEFT_HALF, SIZE)
    assert area.depth(2, 358) > 300
    assert area.depth(-50, 500) > 300
    assert area.depth(330, 180) == pytest.approx(-10, abs=2)
    assert Area(WHOLE_PICTURE, SIZE).depth(639, 359) > 1000


@pytest.mark.row("A3")
def test_a_zone_is_clipped_to_what_is_visible() -> None:
    area = Area(LEFT_HALF, SIZE)
    visible = np.ones((90, 160), np.uint8)
    visible[45:, :] = 0
    area.clip(visible)
    assert area.share_visible == pytest.approx(0.5, abs=0.01)
    assert area.depth(100, 100) > 0
    assert area.depth(100, 200) == pytest.approx(-20, abs=2)
    area.clip(np.zeros((90, 160), np.uint8))
    assert area.share_visible == 0
    assert area.depth(100, 100) < 0
    area.clip(np.ones((90, 160), np.uint8))
    assert area.share_visible == 1
    assert area.depth(100, 300) > 0


@given(st.sampled_from([(64, 36), (160, 120), (321, 181), (640, 360), (1280, 720)]), stars())
def test_any_size_of_picture_works(size: tuple[int, int], polygon: tuple[Point, ...]) -> None:
    area = Area(Zone("", polygon), size)
    for x, y in ((0, 0), (size[0] - 1, size[1] - 1), (size[0] / 2, size[1] / 2)):
        assert math.isfinite(area.depth(x, y))
