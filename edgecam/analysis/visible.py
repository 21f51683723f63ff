"""Which part of the small picture shows something: learned from where the masks' fill lies, look after look."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from edgecam.core.picture import U8, Picture

_WIDTH: Final = 160
_PERIOD_S: Final = 0.5
_SURE: Final = 4


class Visible:
    """A grid of 160 cells width. A cell is hidden once it was fill in four looks on end, half a second apart."""

    def __init__(self, size: tuple[int, int], fill: tuple[int, int, int]) -> None:
        """``size`` is the small picture's width and height in pixels, ``fill`` the masks' Y, U and V."""
        self._fill = fill
        self._grid = (_WIDTH, max(2, round(size[1] * _WIDTH / size[0])))
        self._per_cell = (size[0] / self._grid[0], size[1] / self._grid[1])
        self._looks: U8 = np.zeros((self._grid[1], self._grid[0]), np.uint8)
        self.cells: U8 = np.ones_like(self._looks)
        self._seen_s: float | None = None

    def observe(self, picture: Picture, now_s: float) -> bool:
        """Take in one look; says whether another part is visible than before."""
        first = self._seen_s is None
        if self._seen_s is not None and 0 <= now_s - self._seen_s < _PERIOD_S:
            return False
        self._seen_s = now_s
        fill = self._filled(picture)
        np.minimum(self._looks + 1, _SURE, out=self._looks)
        self._looks[fill == 0] = 0
        if first:
            self._looks[fill == 1] = _SURE
        cells = (self._looks < _SURE).astype(np.uint8)
        changed = not np.array_equal(cells, self.cells)
        self.cells = cells
        return changed

    def hides(self, x: float, y: float) -> bool:
        """Whether the place at ``(x, y)`` pixels of the small picture lies under a mask; beyond it nothing does."""
        column, row = int(x // self._per_cell[0]), int(y // self._per_cell[1])
        inside = 0 <= column < self._grid[0] and 0 <= row < self._grid[1]
        return inside and not self.cells[row, column]

    def _filled(self, picture: Picture) -> U8:
        """1 where the picture is the masks' fill in all three planes, and not only in a few pixels."""
        fill = np.full((self._grid[1], self._grid[0]), True)
        for plane, value in zip((picture.y, picture.u, picture.v), self._fill, strict=True):
            fill &= cv2.resize(plane, self._grid, interpolation=cv2.INTER_NEAREST) == value
        marked = fill.astype(np.uint8)
        if fill.any():
            marked = np.asarray(cv2.morphologyEx(marked, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)
        return marked
