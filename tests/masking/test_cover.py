"""What a browser lays over the picture is what is burnt: each covered pixel once, and no other one."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.picture import Picture
from edgecam.masking.cover import cover_of, rectangles_of
from edgecam.masking.drawing import Drawing, Mask, OwnArea
from edgecam.masking.fill import FILL_Y, Fill
from edgecam.masking.geometry import CELL, Cells, pixels_of

pytestmark = pytest.mark.row("W2")

sizes = st.tuples(st.integers(1, 70), st.integers(1, 50))


def laid(rectangles: tuple[tuple[int, int, int, int], ...], width: int, height: int) -> np.ndarray:
    counts = np.zeros((height, width), np.int32)
    for left, top, wide, high in rectangles:
        assert min(left, top) >= 0
        assert min(wide, high) > 0
        assert left + wide <= width
        assert top + high <= height
        counts[top : top + high, left : left + wide] += 1
    return counts


@given(sizes, st.randoms(use_true_random=False), st.floats(0, 1))
def test_rectangles_are_the_pixels_of_any_cells(size: tuple[int, int], chance: Random, share: float) -> None:
    width, height = size
    rows, columns = -(-height // CELL), -(-width // CELL)
    cells: Cells = np.array([[chance.random() < share for _ in range(columns)] for _ in range(rows)], np.bool_)
    assert np.array_equal(laid(rectangles_of(cells, width, height), width, height), pixels_of(cells, width, height))


def test_a_large_area_is_few_rectangles() -> None:
    cells = np.ones((90, 160), np.bool_)
    assert rectangles_of(cells, 1280, 720) == ((0, 0, 1280, 720),)
    cells[40:50, 60:70] = False
    assert len(rectangles_of(cells, 1280, 720)) == 4


def test_the_cover_is_what_the_fill_changes() -> None:
    house = Mask(name="house", reason="neighbour", polygon=((0.61, 0.0), (1.0, 0.0), (0.93, 0.37)))
    garden = OwnArea(name="garden", polygon=((0.05, 0.1), (0.95, 0.2), (0.9, 0.95), (0.1, 0.9)))
    drawing = Drawing(masks=(house,), own=(garden,), margin=0.02)
    width, height = 642, 362
    picture = Picture(width, height)
    picture.buffer.fill(200)
    Fill(drawing.covered(width, height), width, height).burn_into(picture)
    cover = cover_of(drawing, width, height)
    assert np.array_equal(laid(cover.rectangles, width, height), picture.y == FILL_Y)
    assert cover.share == drawing.covered(width, height).mean()
