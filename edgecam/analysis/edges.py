"""The edge picture of one look: what stays when the light changes, with nothing where the masks' fill lies."""

from __future__ import annotations

import math
from collections import deque
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edgecam.analysis.maskfill import filled_places
from edgecam.core.picture import U8, Picture

F32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

WIDTH: Final = 160
CELL: Final = 10
_MASKS_CHANGED_SHARE: Final = 0.004
# What noise gives whose change from look to look is 1 level on average (a deviation of 0.886): its mean edge value
# as in `EdgePicture.values`, and the root of its mean squared Laplacian.
_NOISE_FINE: Final = 3.96
_NOISE_LOOKS: Final = 4
# White noise loses a ninth of its power when the mean of nine pixels is taken off.
_GRAIN: Final = 1.06


class EdgePicture:
    """Edges of the newest look, ``(height, 160)`` float32, and the grid of its cells, each 10 pixels square.

    ``luma`` is the look's; ``visible`` is 1 where no fill lies, ``seen`` says so for each cell; ``still`` is not 0
    where nothing moves. ``fine`` is each cell's fine detail: the root of its mean squared Laplacian, in luma
    levels, without what sensor noise alone would give.
    """

    def __init__(self, width: int, height: int, fill: tuple[int, int, int]) -> None:
        """``width`` and ``height`` are the small picture's, ``fill`` the masks' Y, U and V."""
        self._fill = fill
        self.size = (WIDTH, max(CELL, round(height * WIDTH / width / CELL) * CELL))
        self.grid = (self.size[0] // CELL, self.size[1] // CELL)
        shape = (self.size[1], self.size[0])
        self._around = np.ones((5, 5), np.uint8)
        self._last: U8 = np.zeros(shape, np.uint8)
        self.luma: U8 = np.zeros(shape, np.uint8)
        self.still: U8 = np.empty(shape, np.uint8)
        self.values: F32 = np.zeros(shape, np.float32)
        self.visible: F32 = np.ones(shape, np.float32)
        self._visible_before = self.visible
        self.seen: Mask = np.ones((self.grid[1], self.grid[0]), np.bool_)
        self.fine: F32 = np.zeros((self.grid[1], self.grid[0]), np.float32)
        self._noise = 0.0
        self._grain: deque[float] = deque(maxlen=_NOISE_LOOKS)
        self._fresh = True

    def take(self, picture: Picture, luma: U8, resting: U8) -> bool:
        """Make the edge picture of a look; says whether the masks' fill lies elsewhere than in the look before.

        ``luma`` is the picture's luma at any smaller size, ``resting`` is not 0 where nothing moves (both uint8).
        """
        self._last, self.luma = self.luma, self._last
        cv2.resize(luma, self.size, dst=self.luma, interpolation=cv2.INTER_AREA)
        across, down = cv2.Sobel(self.luma, cv2.CV_32F, 1, 0), cv2.Sobel(self.luma, cv2.CV_32F, 0, 1)
        cv2.add(np.abs(across), np.abs(down), dst=self.values)
        changed = self._masks_changed(self._unfilled(picture))
        np.multiply(self.values, self.visible * np.float32(0.25), out=self.values)
        cv2.resize(resting, self.size, dst=self.still, interpolation=cv2.INTER_NEAREST)
        cv2.erode(self.still, self._around, dst=self.still)
        self._sharpen()
        return changed

    @property
    def noise_fine(self) -> float:
        """The fine detail that sensor noise alone would give in this look, in luma levels."""
        return _NOISE_FINE * self._noise

    def cells(self, values: F32 | U8) -> F32:
        """The mean of ``values`` (of this picture's size) in each cell, ``(rows, columns)`` float32."""
        return np.asarray(cv2.resize(values, self.grid, interpolation=cv2.INTER_AREA), np.float32)

    def _sharpen(self) -> None:
        self._measure_noise()
        detail = cv2.Laplacian(self.luma, cv2.CV_32F) * self.visible
        square = self.cells(np.asarray(detail * detail, np.float32))
        self.fine = np.asarray(np.sqrt(np.maximum(square - self.noise_fine**2, 0.0)), np.float32)

    def _measure_noise(self) -> None:
        """How much a pixel changes from look to look by noise alone: less what its surroundings change by, and the
        least of the last looks, because light comes and goes and noise stays."""
        change = cv2.subtract(self.luma, self._last, dtype=cv2.CV_32F)
        grain = self.cells(np.asarray(np.abs(change - cv2.blur(change, (3, 3))), np.float32))[self.seen]
        self._grain.append(0.0 if self._fresh or not grain.size else _GRAIN * float(np.median(grain)))
        self._noise = min(self._grain)
        self._fresh = False

    def _masks_changed(self, visible: F32) -> bool:
        """Whether the fill lies elsewhere in this look and the one before: what fades may be of its colour once."""
        lasting = not _differ(visible, self._visible_before)
        self._visible_before = visible
        changed = _differ(visible, self.visible)
        if lasting or self._fresh:
            self.visible = visible
            self.seen = self.cells(visible) > 0.5
        return changed and lasting

    def _unfilled(self, picture: Picture) -> F32:
        """1 where the picture is not the masks' fill, 0 where it is and two pixels around."""
        fill = filled_places(picture, self.size, self._fill)
        if not fill.any():
            return np.ones(fill.shape, np.float32)
        return np.asarray(1 - cv2.dilate(fill, self._around), np.float32)


def _differ(a: F32, b: F32) -> bool:
    return bool(np.count_nonzero(a != b) > _MASKS_CHANGED_SHARE * a.size)


def correlation(a: F32, b: F32) -> float:
    """The correlation coefficient of two equally long sets of values, -1 to 1; 0 where one of them is flat."""
    if a.size < 2:
        return 0.0
    da, db = a - float(a.mean()), b - float(b.mean())
    spread = float(np.vdot(da, da)) * float(np.vdot(db, db))
    return float(np.vdot(da, db)) / math.sqrt(spread) if spread > 1e-6 else 0.0
