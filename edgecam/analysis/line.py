"""A line: a named row of points on the picture that somebody may cross, from one side or the other.

Sides are told as by somebody who walks along the line from its first point to its last, as it lies in the picture:
what is on their left hand is *left*. Along a line drawn from left to right, left is the upper side.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from edgecam.core.outline import Point


@dataclass(frozen=True, slots=True)
class Line:
    """``points`` are at least two, each apart from the one before; normalised, or in pixels after `laid_on`."""

    name: str
    points: tuple[Point, ...]

    def laid_on(self, width: int, height: int) -> Line:
        """The same line in pixels of a picture of that size."""
        return Line(self.name, tuple((x * width, y * height) for x, y in self.points))

    def crossings(self, begin: Point, end: Point) -> int:
        """How often the straight way from ``begin`` to ``end`` crosses from left to right, less right to left.

        The way back gives the same number with the other sign. Ways that begin and end off the line add up: into a
        ring and out of it again is 0, through whatever corners.
        """
        if begin == end:
            return 0
        if begin > end:
            return -self.crossings(end, begin)
        return sum(_crossed(first, last, begin, end) for first, last in pairwise(self.points))

    def along(self, step: float) -> Iterator[Point]:
        """Points all along the line, at most ``step`` apart, half of that from its ends; in the unit of its own."""
        for first, last in pairwise(self.points):
            parts = max(1, math.ceil(math.dist(first, last) / step))
            for part in range(parts):
                share = (part + 0.5) / parts
                yield first[0] + share * (last[0] - first[0]), first[1] + share * (last[1] - first[1])

    def distance(self, point: Point) -> float:
        """How far ``point`` is from the nearest point of the line, in the unit of its points."""
        return min(_distances(self.points, point))


def _crossed(first: Point, last: Point, begin: Point, end: Point) -> int:
    """1 when the way from ``begin`` to ``end`` goes over the segment from its left to its right, -1 for back."""
    # A point on the line itself counts as right of it, always: so nothing is counted twice and nothing is missed.
    from_right, to_right = _turn(first, last, begin) >= 0, _turn(first, last, end) >= 0
    if from_right == to_right or (_turn(begin, end, first) >= 0) == (_turn(begin, end, last) >= 0):
        return 0
    return 1 if to_right else -1


def _turn(a: Point, b: Point, c: Point) -> float:
    """Above 0 when ``c`` lies to the right of the way from ``a`` to ``b`` (y grows downwards)."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _distances(points: tuple[Point, ...], point: Point) -> Iterator[float]:
    x, y = point
    for (xa, ya), (xb, yb) in pairwise(points):
        dx, dy = xb - xa, yb - ya
        length = dx * dx + dy * dy
        along = min(max(((x - xa) * dx + (y - ya) * dy) / length, 0.0), 1.0) if length > 0 else 0.0
        yield math.dist(point, (xa + along * dx, ya + along * dy))
