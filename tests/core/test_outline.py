"""Outlines as people draw them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.outline import Point, area_of, crosses_itself


@pytest.mark.parametrize(
    ("outline", "crosses"),
    [
        ([(0, 0), (1, 0), (1, 1), (0, 1)], False),
        ([(0, 0), (1, 1), (1, 0), (0, 1)], True),
        ([(0.1, 0.1), (0.5, 0.1), (0.9, 0.1), (0.5, 0.5)], False),
        ([(0, 0), (1, 0), (1, 1), (0.5, 0), (0, 1)], True),
        ([(0, 0), (0.5, 0.5), (1, 0), (0.5, 0.5), (0.5, 1)], True),
    ],
)
def test_an_outline_that_crosses_itself_is_told(outline: list[Point], crosses: bool) -> None:
    assert crosses_itself(outline) is crosses
    assert crosses_itself(outline[::-1]) is crosses
    assert crosses_itself([*outline[2:], *outline[:2]]) is crosses


@given(st.floats(0, 0.5), st.floats(0, 0.5), st.floats(0, 0.5), st.floats(0, 0.5), st.integers(0, 3))
def test_the_area_of_a_rectangle_is_its_sides_product(x: float, y: float, w: float, h: float, turn: int) -> None:
    corners = [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]
    turned = corners[turn:] + corners[:turn]
    assert area_of(turned) == pytest.approx(w * h, abs=1e-12)
    assert area_of(turned[::-1]) == pytest.approx(w * h, abs=1e-12)
