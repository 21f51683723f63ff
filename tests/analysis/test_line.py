"""Crossing a line: no way is counted twice or missed, and the way back takes it back."""

from __future__ import annotations

from itertools import pairwise
from math import dist

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edgecam.analysis.line import Line
from edgecam.core.outline import Point

# Whole numbers, so that ways often touch the line, its ends and its corners.
points = st.tuples(st.integers(-6, 6), st.integers(-6, 6)).map(lambda point: (float(point[0]), float(point[1])))
lines = st.lists(points, min_size=2, max_size=6).filter(lambda told: all(a != b for a, b in pairwise(told)))
LEVEL = Line("gate", ((0.1, 0.5), (0.9, 0.5)))


@pytest.mark.row("A3")
@pytest.mark.parametrize(
    ("begin", "end", "crossings"),
    [
        ((0.5, 0.2), (0.5, 0.8), 1),
        ((0.5, 0.8), (0.5, 0.2), -1),
        ((0.05, 0.2), (0.05, 0.8), 0),
        ((0.2, 0.2), (0.8, 0.4), 0),
        ((0.5, 0.2), (0.5, 0.5), 1),
        ((0.5, 0.5), (0.5, 0.8), 0),
        ((0.2, 0.5), (0.8, 0.5), 0),
    ],
)
def test_down_over_a_line_drawn_to_the_right_is_from_left_to_right(
    begin: Point, end: Point, crossings: int
) -> None:
    assert LEVEL.crossings(begin, end) == crossings
    assert Line("gate", LEVEL.points[::-1]).crossings((0.5, 0.2), (0.5, 0.8)) == -1


@given(lines, points, points)
def test_the_way_back_takes_it_back(told: list[Point], begin: Point, end: Point) -> None:
    line = Line("", tuple(told))
    assert line.crossings(begin, end) == -line.crossings(end, begin)
    assert abs(line.crossings(begin, end)) <= len(told) - 1


@given(st.integers(1, 6), points, st.lists(points, min_size=1, max_size=8))
def test_on_a_straight_line_that_goes_on_for_ever_only_the_ends_of_a_way_count(
    rise: int, begin: Point, through: list[Point]
) -> None:
    line = Line("", ((-1000.0, -1000.0 * rise), (1000.0, 1000.0 * rise)))
    way = [begin, *through]
    parts = sum(line.crossings(a, b) for a, b in pairwise(way))
    assert parts == line.crossings(way[0], way[-1])
    assert parts in (-1, 0, 1)


@given(st.lists(points, min_size=3, max_size=7, unique=True), points, points)
def test_into_a_ring_and_out_again_is_nothing(ring: list[Point], begin: Point, end: Point) -> None:
    line = Line("", (*ring, ring[0]))
    assume(min(line.distance(begin), line.distance(end)) > 0)
    outside = [(100.0, 99.5), begin, end, (-77.0, 101.25)]
    assert sum(line.crossings(a, b) for a, b in pairwise(outside)) == 0


@given(lines, points)
def test_the_distance_is_that_of_the_nearest_point(told: list[Point], point: Point) -> None:
    line = Line("", tuple(told))
    distance = line.distance(point)
    steps = [n / 200 for n in range(201)]
    along = [(a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])) for a, b in pairwise(told) for t in steps]
    nearest = min(((x - point[0]) ** 2 + (y - point[1]) ** 2) ** 0.5 for x, y in along)
    assert distance <= nearest + 1e-9
    assert nearest <= distance + 0.1


def test_a_line_is_laid_on_a_picture() -> None:
    assert LEVEL.laid_on(640, 360).points == ((64.0, 180.0), (576.0, 180.0))


@given(lines, st.floats(0.1, 20))
def test_points_along_a_line_lie_on_it_and_leave_no_gap(told: list[Point], step: float) -> None:
    line = Line("", tuple(told))
    along = list(line.along(step))
    assert max(line.distance(point) for point in along) < 1e-9
    ends = [told[0], *along, told[-1]]
    assert max(dist(one, other) for one, other in pairwise(ends)) <= step + 1e-9
