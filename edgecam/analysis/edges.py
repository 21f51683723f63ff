"""The edge picture of one look: what stays when the light changes, with nothing where the masks' fill lies."""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edgecam.core.picture import U8, Picture

F32 = NDArray[np.float32]

_WIDTH: Final = 160
_CELL: Final = 10
_MASKS_CHANGED_SHARE: Final = 0.004


class EdgePicture:
    """Edges of the newest look, ``(height, 160)`` float32, and the grid of its cells, each 10 pixels square."""

    def __init__(self, width: int, height: int, fill: tuple[int, int, int]) -> None:
        """``width`` and ``height`` are the small picture's, ``fill`` the masks' Y, U and V."""
        self._fill = fill
        self.size = (_WIDTH, max(_CELL, round(height * _WIDTH / width / _CELL) * _CELL))
        self.grid = (self.size[0] // _CELL, self.size[1] // _CELL)
        shape = (self.size[1], self.size[0])
        self.window = cv2.createHanningWindow(self.size, cv2.CV_32F)
        self._around = np.ones((5, 5), np.uint8)
        self.luma: U8 = np.empty(shape, np.uint8)
        self.still: U8 = np.empty(shape, np.uint8)
        self.values: F32 = np.zeros(shape, np.float32)
        self.visible: F32 = np.ones(shape, np.float32)

    def take(self, picture: Picture, luma: U8, resting: U8) -> bool:
        """Make the edge picture of a look; says whether the masks' fill lies elsewhere than in the look before.

        ``luma`` is the picture's luma at any smaller size, ``resting`` is not 0 where nothing moves (both uint8).
        """
        cv2.resize(luma, self.size, dst=self.luma, interpolation=cv2.INTER_AREA)
        across, down = cv2.Sobel(self.luma, cv2.CV_32F, 1, 0), cv2.Sobel(self.luma, cv2.CV_32F, 0, 1)
        cv2.add(np.abs(across), np.abs(down), dst=self.values)
        visible = self._seen(picture)
        changed = np.count_nonzero(visible != self.visible) > _MASKS_CHANGED_SHARE * visible.size
        self.visible = visible
        np.multiply(self.values, visible * np.float32(0.25), out=self.values)
        cv2.resize(resting, self.size, dst=self.still, interpolation=cv2.INTER_NEAREST)
        cv2.erode(self.still, self._around, dst=self.still)
        return bool(changed)

    def cells(self, values: F32 | U8) -> F32:
        """The mean of ``values`` (of this picture's size) in each cell, ``(rows, columns)`` float32."""
        return np.asarray(cv2.resize(values, self.grid, interpolation=cv2.INTER_AREA), np.float32)

    def _seen(self, picture: Picture) -> F32:
        """1 where the picture is not the masks' fill, 0 where it is and two pixels around."""
        fill = np.full((self.size[1], self.size[0]), True)
        for plane, value in zip((picture.y, picture.u, picture.v), self._fill, strict=True):
            fill &= cv2.resize(plane, self.size, interpolation=cv2.INTER_NEAREST) == value
        if not fill.any():
            return np.ones(fill.shape, np.float32)
        solid = cv2.morphologyEx(fill.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        return np.asarray(1 - cv2.dilate(solid, np.ones((5, 5), np.uint8)), np.float32)


def likeness(a: F32, b: F32, visible: F32) -> float:
    """The correlation coefficient of two edge pictures over the visible part, -1 to 1."""
    count = float(visible.sum())
    if count < 100:
        return 0.0
    mean_a, mean_b = float((a * visible).sum()) / count, float((b * visible).sum()) / count
    da, db = (a - mean_a) * visible, (b - mean_b) * visible
    spread = float(np.vdot(da, da)) * float(np.vdot(db, db))
    return float(np.vdot(da, db)) / math.sqrt(spread) if spread > 0 else 0.0


def aligned_likeness(now: F32, reference: F32, visible: F32, shift: tuple[float, float]) -> float:
    """The correlation of ``now`` with ``reference`` moved by ``shift`` pixels, where both overlap."""
    matrix = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32)
    size = (now.shape[1], now.shape[0])
    moved = cv2.warpAffine(reference, matrix, size)
    both = np.asarray(cv2.warpAffine(visible, matrix, size, flags=cv2.INTER_NEAREST), np.float32) * visible
    if float(both.sum()) < 0.4 * now.size:
        return 0.0
    return likeness(now, np.asarray(moved, np.float32), both)
