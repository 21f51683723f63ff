"""Which cells of a picture a polygon touches.

A picture is divided into cells of 8x8 luma pixels, that is 4x4 chroma pixels. A cell is covered as soon as the
polygon touches it anywhere, so that no colour leaks at an edge where one chroma pixel serves four luma pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from edgecam.core.outline import Point

CELL = 8
# Cells; a slope less steep is not divided by.
_LEVEL = 1e-9
Cells = NDArray[np.bool_]


def covered_cells(polygons: Iterable[Sequence[Point]], width: int, height: int) -> Cells:
    """Every cell that any polygon touches: bool ``(ceil(height/8), ceil(width/8))``.

    ``polygons`` are closed outlines, normalised 0-1 from the top left. Where an outline crosses itself the winding
    number decides, so that everything it goes around counts as inside.
    """
    cells = np.zeros((-(-height // CELL), -(-width // CELL)), np.bool_)
    scale = np.array([width / CELL, height / CELL])
    for polygon in polygons:
        corners = np.asarray(polygon, np.float64) * scale
        _mark_inside(cells, corners)
        for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            _mark_edge(cells, start, end)
    return cells


def pixels_of(cells: Cells, width: int, height: int) -> Cells:
    """For each pixel of a picture whether its cell is covered: bool ``(height, width)``."""
    return cells.repeat(CELL, 0).repeat(CELL, 1)[:height, :width]


def enclosed_cells(polygons: Iterable[Sequence[Point]], width: int, height: int) -> Cells:
    """Every cell that lies wholly inside some polygon; as `covered_cells`, but erring to the outside.

    A polygon that reaches the edge of the picture goes on beyond it: nothing there is outside.
    """
    cells = np.zeros((-(-height // CELL), -(-width // CELL)), np.bool_)
    scale = np.array([width / CELL, height / CELL])
    for polygon in polygons:
        points = np.asarray(polygon, np.float64)
        corners = np.where(points <= 0, -1, np.where(points >= 1, scale + 1, points * scale))
        inside, edges = np.zeros_like(cells), np.zeros_like(cells)
        _mark_inside(inside, corners)
        for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            _mark_edge(edges, start, end)
        cells |= inside & ~edges
    return cells


def grown(cells: Cells, radius: int) -> Cells:
    """``cells`` and every cell less than ``radius`` + 1 cells away from one."""
    rows, columns = cells.shape
    wide = np.zeros((rows + 2 * radius, columns + 2 * radius), np.bool_)
    for dy in range(-radius, radius + 1):
        # The nearest points of two cells are a cell closer than their centres.
        reach = _reach(radius, max(0, abs(dy) - 1))
        for dx in range(-reach, reach + 1):
            wide[radius + dy : radius + dy + rows, radius + dx : radius + dx + columns] |= cells
    return wide[radius : radius + rows, radius : radius + columns]


def closed(cells: Cells, radius: int) -> Cells:
    """``cells`` and every gap between them that a disc of ``radius`` cells does not fit into.

    The edge of the picture closes nothing: a strip along it may be all that is to be seen.
    """
    rows, columns = cells.shape
    wide = np.pad(cells, 2 * radius)
    shrunk = ~grown(~grown(wide, radius), radius)
    return cells | shrunk[2 * radius : 2 * radius + rows, 2 * radius : 2 * radius + columns]


def _reach(radius: int, away: int) -> int:
    """How many cells to the side, ``away`` cells up or down, are still less than ``radius`` + 1 cells away."""
    reach = 0
    while reach * reach + away * away < (radius + 1) ** 2 and reach < radius:
        reach += 1
    return reach


def _mark_edge(cells: Cells, start: NDArray[np.float64], end: NDArray[np.float64]) -> None:
    """Mark each cell that the closed segment from ``start`` to ``end`` (in cell units) touches."""
    rows, columns = cells.shape
    (xa, ya), (xb, yb) = (start, end) if start[1] <= end[1] else (end, start)
    first, last = max(0, int(np.ceil(ya)) - 1), min(rows - 1, int(np.floor(yb)))
    for row in range(first, last + 1):
        # The part of the segment inside the closed strip row <= y <= row + 1; all of it where it is all but level.
        level = yb - ya < _LEVEL
        low, high = (0.0, 1.0) if level else ((row - ya) / (yb - ya), (row + 1 - ya) / (yb - ya))
        low, high = max(0.0, low), min(1.0, high)
        xs = xa + (xb - xa) * low, xa + (xb - xa) * high
        left, right = int(np.ceil(min(xs))) - 1, int(np.floor(max(xs)))
        cells[row, max(0, left) : max(0, min(columns - 1, right) + 1)] = True


def _mark_inside(cells: Cells, corners: NDArray[np.float64]) -> None:
    """Mark each cell whose centre has a non-zero winding number in the outline."""
    rows, columns = cells.shape
    y = (np.arange(rows) + 0.5)[:, None]
    x = (np.arange(columns) + 0.5)[None, :]
    winding = np.zeros((rows, columns), np.int32)
    for (xa, ya), (xb, yb) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if ya == yb:
            continue
        with np.errstate(over="ignore", invalid="ignore"):  # only in rows that an all but level edge does not cross
            crosses_at = xa + (y - ya) / (yb - ya) * (xb - xa)
        upward = (ya <= y) & (y < yb) & (x < crosses_at)
        downward = (yb <= y) & (y < ya) & (x < crosses_at)
        winding += upward.astype(np.int32) - downward.astype(np.int32)
    cells |= winding != 0
