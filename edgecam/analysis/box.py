"""A rectangle in pixels of the small picture, and how two of them lie to each other."""

from __future__ import annotations

from typing import NamedTuple


class Box(NamedTuple):
    """Left, top, right, bottom in pixels of the small picture; right and bottom lie just outside."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)

    @property
    def centre(self) -> tuple[float, float]:
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    @property
    def foot(self) -> tuple[float, float]:
        """The middle of its lower edge: where what stands upright stands."""
        return self.centre[0], self.y1

    def moved_by(self, dx: float, dy: float) -> Box:
        return Box(self.x0 + dx, self.y0 + dy, self.x1 + dx, self.y1 + dy)

    def grown_by(self, share: float) -> Box:
        """The box with ``share`` of its own size added on every side."""
        dx, dy = self.width * share, self.height * share
        return Box(self.x0 - dx, self.y0 - dy, self.x1 + dx, self.y1 + dy)

    def within(self, width: int, height: int) -> Box:
        """The part that lies inside a picture of ``width`` by ``height`` pixels."""
        return Box(
            min(max(self.x0, 0.0), width),
            min(max(self.y0, 0.0), height),
            min(max(self.x1, 0.0), width),
            min(max(self.y1, 0.0), height),
        )

    def normalised(self, width: int, height: int) -> tuple[float, float, float, float]:
        """The box in shares of the picture, 0-1, rounded to four digits."""
        inside = self.within(width, height)
        return (
            round(float(inside.x0 / width), 4),
            round(float(inside.y0 / height), 4),
            round(float(inside.x1 / width), 4),
            round(float(inside.y1 / height), 4),
        )

    def holds(self, x: float, y: float) -> bool:
        return self.x0 <= x < self.x1 and self.y0 <= y < self.y1


def shared_area(a: Box, b: Box) -> float:
    """The area both boxes cover, in square pixels."""
    width = min(a.x1, b.x1) - max(a.x0, b.x0)
    height = min(a.y1, b.y1) - max(a.y0, b.y0)
    return width * height if width > 0 and height > 0 else 0.0


def overlap(a: Box, b: Box) -> float:
    """Intersection over union, 0-1."""
    shared = shared_area(a, b)
    union = a.area + b.area - shared
    return shared / union if union > 0 else 0.0


def share_inside(inner: Box, outer: Box) -> float:
    """The share of ``inner`` that lies in ``outer``, 0-1."""
    return shared_area(inner, outer) / inner.area if inner.area > 0 else 0.0


def around(boxes: list[Box]) -> Box:
    """The smallest box that holds all of ``boxes`` (at least one)."""
    return Box(
        min(box.x0 for box in boxes),
        min(box.y0 for box in boxes),
        max(box.x1 for box in boxes),
        max(box.y1 for box in boxes),
    )
