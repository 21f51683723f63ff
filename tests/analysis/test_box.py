from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edgecam.analysis.box import Box, around, overlap, share_inside

EDGES = st.floats(-50, 700, allow_nan=False)
BOXES = st.tuples(EDGES, EDGES, EDGES, EDGES).map(
    lambda e: Box(min(e[0], e[2]), min(e[1], e[3]), max(e[0], e[2]), max(e[1], e[3]))
)


@given(BOXES, BOXES)
def test_overlap_is_symmetric_and_a_share(a: Box, b: Box) -> None:
    assert overlap(a, b) == overlap(b, a)
    assert 0 <= overlap(a, b) <= 1.000001


@given(BOXES)
def test_a_normalised_box_lies_in_the_picture(box: Box) -> None:
    x0, y0, x1, y1 = box.normalised(640, 360)
    assert 0 <= x0 <= x1 <= 1
    assert 0 <= y0 <= y1 <= 1


def test_shares_of_known_boxes() -> None:
    left, right = Box(0, 0, 10, 10), Box(5, 0, 15, 10)
    assert overlap(left, right) == 50 / 150
    assert share_inside(Box(2, 2, 4, 4), left) == 1.0
    assert around([left, right]) == Box(0, 0, 15, 10)
