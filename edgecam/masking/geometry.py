"""Which cells of a picture a polygon touches, and the fewest rectangles that cover them.

A picture is divided into cells of 8x8 luma pixels, that is 4x4 chroma pixels. A cell is covered as soon as the
polygon touches it anywhere, so that no colour leaks at an edge where one chroma pixel serves four luma pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CELL = 8
# Cells; a slope less steep is not divided by.
_LEVEL = 1e-9
Point = tuple[float, float]
Cells = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Luma pixels ``[y0:y1, x0:x1]``; all four lie on cell borders or on the edge of the picture."""

    x0: int
    y0: int
    x1: int
    y1: int


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


def crosses_itself(polygon: Sequence[Point]) -> bool:
    """Whether two edges of the outline that are not neighbours touch."""
    starts = np.asarray(polygon, np.float64)
    ends = np.roll(starts, -1, axis=0)
    # One row for each edge, one column for each corner: on which side of the edge it lies, 0 for on its line.
    along = ends - starts
    turn = np.sign(along[:, :1] * (starts[:, 1] - starts[:, 1:]) - along[:, 1:] * (starts[:, 0] - starts[:, :1]))
    apart = turn * np.roll(turn, -1, axis=1)
    low, high = np.minimum(starts, ends)[:, None], np.maximum(starts, ends)[:, None]
    on_edge = (turn == 0) & np.all((low <= starts) & (starts <= high), axis=2)
    touches = ((apart < 0) & (apart.T < 0)) | on_edge | np.roll(on_edge, -1, axis=1)
    numbers = np.arange(len(starts))
    steps = (numbers - numbers[:, None]) % len(starts)
    return bool(np.any(touches & (steps > 1) & (steps < len(starts) - 1)))


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


def rectangles(cells: Cells, width: int, height: int) -> tuple[Rectangle, ...]:
    """The covered cells as disjoint rectangles in luma pixels: runs along rows, equal runs of rows joined."""
    open_runs: dict[tuple[int, int], int] = {}
    done: list[Rectangle] = []
    for row in range(cells.shape[0] + 1):
        runs = set(_runs(cells[row])) if row < cells.shape[0] else set()
        for run in [run for run in open_runs if run not in runs]:
            done.append(_rectangle(run, open_runs.pop(run), row, width, height))
        for run in runs:
            open_runs.setdefault(run, row)
    return tuple(done)


def _runs(row: Cells) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], row, [False]))))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _rectangle(run: tuple[int, int], first_row: int, end_row: int, width: int, height: int) -> Rectangle:
    return Rectangle(run[0] * CELL, first_row * CELL, min(width, run[1] * CELL), min(height, end_row * CELL))
