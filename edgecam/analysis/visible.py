"""Which part of the small picture shows something: learned from where the masks' fill lies, look after look."""

from __future__ import annotations

from typing import Final

import numpy as np

from edgecam.analysis.line import Line
from edgecam.analysis.maskfill import filled_places
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
        fill = filled_places(picture, self._grid, self._fill)
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

    def share_of(self, line: Line) -> float:
        """How much of ``line``, which is laid on the small picture, no mask hides, 0-1."""
        hidden = [self.hides(*point) for point in line.along(self._per_cell[0])]
        return 1 - sum(hidden) / len(hidden)
