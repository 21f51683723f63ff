"""A zone laid on the small picture, less what the masks hide of it."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edgecam.analysis.zone import Zone
from edgecam.core.picture import U8

_WIDTH: Final = 320
_FAR: Final = 4096.0
_FINER: Final = 8  # fractional bits of corners


class Area:
    """How deep any place lies in a zone, on a grid of 320 cells width."""

    def __init__(self, zone: Zone, size: tuple[int, int]) -> None:
        """``size`` is the small picture's width and height in pixels."""
        self.name = zone.name
        self._size = size
        self._grid = (min(_WIDTH, size[0]), max(2, round(size[1] * min(_WIDTH, size[0]) / size[0])))
        self._drawn = _raster(zone, self._grid)
        self._depths = self._measured(self._drawn)
        self.share_visible = 1.0

    def clip(self, visible: U8) -> None:
        """Take ``visible`` (``(height, width)`` of any size, 0 where a mask lies) as all there is to see."""
        shown = cv2.resize(visible, self._grid, interpolation=cv2.INTER_NEAREST)
        left = self._drawn & np.asarray(shown, np.uint8)
        self.share_visible = int(np.count_nonzero(left)) / max(int(np.count_nonzero(self._drawn)), 1)
        self._depths = self._measured(left)

    def depth(self, x: float, y: float) -> float:
        """How far inside the visible part of the zone ``(x, y)`` lies; negative outside. Pixels, both of them.

        Places beyond the picture count as the nearest one in it: a zone at the border goes on behind it.
        """
        column = min(max(int(x * self._grid[0] / self._size[0]), 0), self._grid[0] - 1)
        row = min(max(int(y * self._grid[1] / self._size[1]), 0), self._grid[1] - 1)
        return float(self._depths[row, column])

    def _measured(self, inside: U8) -> NDArray[np.float16]:
        per_cell = self._size[0] / self._grid[0]
        depths = np.full(inside.shape, -_FAR if not inside.any() else _FAR, np.float32)
        if inside.any() and not inside.all():
            depths = _distances(inside) - _distances(1 - inside)
        return np.asarray(np.clip(depths * per_cell, -_FAR, _FAR), np.float16)


def _distances(marked: U8) -> NDArray[np.float32]:
    """From each marked cell's centre to the border of what is marked, in cells; 0 elsewhere."""
    distances = np.asarray(cv2.distanceTransform(marked, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32)
    return np.asarray(np.maximum(distances - 0.5, 0), np.float32)


def _raster(zone: Zone, grid: tuple[int, int]) -> U8:
    """1 in each cell whose centre lies in the zone, about; ``(rows, columns)``."""
    cells = np.zeros((grid[1], grid[0]), np.uint8)
    # Cell centres are at whole numbers for OpenCV and at halves in normalised coordinates.
    corners = np.array(zone.polygon) * np.array(grid) - 0.5
    cv2.fillPoly(cells, [np.round(corners * (1 << _FINER)).astype(np.int32)], 1, lineType=cv2.LINE_8, shift=_FINER)
    return cells
