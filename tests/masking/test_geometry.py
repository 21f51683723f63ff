"""Coverage errs on the private side: no pixel inside a polygon is ever left out."""

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.outline import Point
from edgecam.masking.geometry import (
    CELL,
    closed,
    covered_cells,
    enclosed_cells,
    grown,
)

coordinate = st.floats(0, 1, allow_nan=False)
polygons = st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=8)
sizes = st.tuples(st.integers(1, 120), st.integers(1, 120))


def covered_pixels(polygon: list[Point], width: int, height: int) -> np.ndarray:
    cells = covered_cells([polygon], width, height)
    return np.kron(cells, np.ones((CELL, CELL), np.bool_))[:height, :width]


@given(polygons, sizes)
def test_every_pixel_that_a_renderer_would_paint_is_covered(polygon: list[Point], size: tuple[int, int]) -> None:
    width, height = size
    painted = np.zeros((height, width), np.uint8)
    # Pixel centres are at whole numbers for OpenCV and at halves in normalised coordinates.
    corners = np.array(polygon) * [width, height] - 0.5
    cv2.fillPoly(painted, [np.round(corners * 256).astype(np.int32)], 1, lineType=cv2.LINE_8, shift=8)
    # OpenCV paints every pixel that an outline grazes; one in from that, and from the border, all is inside.
    inside = cv2.erode(painted, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    assert not np.any((inside == 1) & ~covered_pixels(polygon, width, height))


@given(polygons, sizes, st.floats(0, 1), st.floats(0, 1), st.integers(0, 7))
def test_points_on_edges_and_triangles_are_covered(
    polygon: list[Point], size: tuple[int, int], along: float, inward: float, corner: int
) -> None:
    width, height = size
    first, second = np.array(polygon[corner % len(polygon)]), np.array(polygon[(corner + 1) % len(polygon)])
    on_edge = first + (second - first) * along
    x, y = min(width - 1, int(on_edge[0] * width)), min(height - 1, int(on_edge[1] * height))
    assert covered_pixels(polygon, width, height)[y, x]


def test_a_crossed_outline_covers_what_it_goes_around() -> None:
    star = [(0.5, 0.02), (0.8, 0.95), (0.02, 0.35), (0.98, 0.35), (0.2, 0.95)]
    assert covered_pixels(star, 200, 200)[100, 100]


def test_what_is_far_from_the_polygon_stays_visible() -> None:
    corner = [(0.0, 0.0), (0.25, 0.0), (0.25, 0.25), (0.0, 0.25)]
    picture = covered_pixels(corner, 160, 160)
    assert picture[:40, :40].all()
    assert not picture[49:, :].any()
    assert not picture[:, 49:].any()


@given(polygons, sizes)
def test_a_cell_that_is_enclosed_has_no_corner_outside(polygon: list[Point], size: tuple[int, int]) -> None:
    width, height = size
    enclosed = enclosed_cells([polygon], width, height)
    outside_too = covered_cells([[(0, 0), (1, 0), (1, 1), (0, 1)]], width, height) & ~enclosed
    # Every point of the outline lies in a cell that is not enclosed, but for those on the picture's own edge.
    for (xa, ya), (xb, yb) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        for along in (0, 0.25, 0.5, 0.75, 1):
            x, y = (xa + (xb - xa) * along) * width, (ya + (yb - ya) * along) * height
            if {xa, ya, xb, yb} & {0, 1}:
                continue
            row, column = min(enclosed.shape[0] - 1, int(y // CELL)), min(enclosed.shape[1] - 1, int(x // CELL))
            assert outside_too[row, column]
    assert not np.any(enclosed & ~covered_cells([polygon], width, height))


cell_maps = st.integers(1, 14).flatmap(
    lambda rows: st.integers(1, 14).flatmap(
        lambda columns: st.lists(
            st.lists(st.booleans(), min_size=columns, max_size=columns), min_size=rows, max_size=rows
        )
    )
)


@given(cell_maps, st.integers(0, 4))
def test_grown_reaches_at_least_that_many_cells_and_not_much_further(drawn: list[list[bool]], radius: int) -> None:
    cells = np.array(drawn, np.bool_)
    after = grown(cells, radius)
    marked = np.argwhere(cells)
    for row, column in np.ndindex(*cells.shape):
        centres = [np.hypot(row - y, column - x) for y, x in marked]
        nearest = min(centres, default=np.inf)
        # From the border of a marked cell to the far corner of this one.
        if nearest <= radius:
            assert after[row, column]
        if nearest > radius * 2**0.5 + 1:
            assert not after[row, column]


@given(cell_maps, st.integers(0, 3))
def test_closed_adds_gaps_only_and_is_done_at_once(drawn: list[list[bool]], radius: int) -> None:
    cells = np.array(drawn, np.bool_)
    after = closed(cells, radius)
    assert np.all(after[cells])
    assert not np.any(after & ~grown(cells, radius))
    if not cells.any():
        assert not after.any()


def test_a_sliver_between_two_masks_is_closed_and_a_garden_is_not() -> None:
    cells = np.zeros((30, 40), np.bool_)
    cells[:, :10] = cells[:, 12:20] = cells[:, 32:] = True
    after = closed(cells, 2)
    assert after[:, 10:12].all()
    assert not after[:, 21:31].any()


def test_a_strip_along_the_edge_of_the_picture_stays_open() -> None:
    cells = np.zeros((10, 20), np.bool_)
    cells[:, 2:] = True
    assert not closed(cells, 3)[:, :2].any()
