"""What a drawing destroys, as rectangles of pixels that anybody can lay over a picture: what is burnt, exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgecam.masking.drawing import Drawing
from edgecam.masking.geometry import CELL, Cells

Rectangle = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Cover:
    """``rectangles`` (left, top, width, height) in pixels of a picture of ``width`` x ``height``; none overlap.

    ``share`` is how much of the picture they hide, 0-1, as it is told of masks in force.
    """

    width: int
    height: int
    rectangles: tuple[Rectangle, ...]
    share: float


def cover_of(drawing: Drawing, width: int, height: int) -> Cover:
    """What would be filled in a picture of ``width`` by ``height`` pixels, by the cells that are burnt."""
    cells = drawing.covered(width, height)
    return Cover(width, height, rectangles_of(cells, width, height), float(cells.mean()))


def rectangles_of(cells: Cells, width: int, height: int) -> tuple[Rectangle, ...]:
    """The pixels of ``cells`` as few rectangles: runs of a row that go on in the next one are one."""
    borders = np.diff(np.pad(cells, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    found: list[Rectangle] = []
    going: dict[tuple[int, int], int] = {}  # (first, last + 1) column of a run -> the row in which it began
    for row in range(cells.shape[0] + 1):
        runs: set[tuple[int, int]] = set()
        if row < cells.shape[0]:
            begins, ends = np.nonzero(borders[row] == 1)[0], np.nonzero(borders[row] == -1)[0]
            runs = set(zip(begins.tolist(), ends.tolist(), strict=True))
        for run in [run for run in going if run not in runs]:
            left, top, right, bottom = run[0] * CELL, going.pop(run) * CELL, run[1] * CELL, row * CELL
            found.append((left, top, min(right, width) - left, min(bottom, height) - top))
        for run in runs:
            going.setdefault(run, row)
    return tuple(sorted(found, key=lambda one: (one[1], one[0])))
