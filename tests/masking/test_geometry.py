"""Coverage errs on the private side: no pixel inside a polygon is ever left out."""

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edgecam.masking.geometry import CELL, Point, covered_cells, rectangles

coordinate = st.floats(0, 1, allow_nan=False)
polygons = st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=8)
sizes = st.tuples(st.integers(1, 120), st.integers(1, 120))


def covered_pixels(polygon: list[Point], width: int, height: int) -> np.ndarray:
    picture = np.zeros((height, width), np.bool_)
    for area in rectangles(covered_cells([polygon], width, height), width, height):
        picture[area.y0 : area.y1, area.x0 : area.x1] = True
    return picture


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


@given(st.integers(1, 40), st.integers(1, 40), st.randoms())
def test_rectangles_cover_exactly_the_cells_without_overlap(columns: int, rows: int, random: object) -> None:
    cells = np.array([[random.random() < 0.5 for _ in range(columns)] for _ in range(rows)])  # type: ignore[attr-defined]
    width, height = columns * CELL - 3, rows * CELL - 5
    count = np.zeros((height, width), np.int32)
    for area in rectangles(cells, width, height):
        count[area.y0 : area.y1, area.x0 : area.x1] += 1
    expected = np.kron(cells, np.ones((CELL, CELL), np.int32))[:height, :width]
    assert np.array_equal(count, expected)


def test_a_crossed_outline_covers_what_it_goes_around() -> None:
    star = [(0.5, 0.02), (0.8, 0.95), (0.02, 0.35), (0.98, 0.35), (0.2, 0.95)]
    assert covered_pixels(star, 200, 200)[100, 100]


def test_what_is_far_from_the_polygon_stays_visible() -> None:
    corner = [(0.0, 0.0), (0.25, 0.0), (0.25, 0.25), (0.0, 0.25)]
    picture = covered_pixels(corner, 160, 160)
    assert picture[:40, :40].all()
    assert not picture[49:, :].any()
    assert not picture[:, 49:].any()
