"""Where a small picture shows the masks' fill and nothing else."""

from __future__ import annotations

import cv2
import numpy as np

from edgecam.core.picture import U8, Picture

_SPECK: U8 = np.ones((3, 3), np.uint8)


def filled_places(picture: Picture, grid: tuple[int, int], fill: tuple[int, int, int]) -> U8:
    """1 where ``picture`` is ``fill`` (Y, U and V), on a ``grid`` of columns and rows; ``(rows, columns)``.

    Smaller than three places across is by chance, and left out.
    """
    same = np.full((grid[1], grid[0]), True)
    for plane, value in zip((picture.y, picture.u, picture.v), fill, strict=True):
        same &= cv2.resize(plane, grid, interpolation=cv2.INTER_NEAREST) == value
    marked = same.astype(np.uint8)
    return np.asarray(cv2.morphologyEx(marked, cv2.MORPH_OPEN, _SPECK), np.uint8) if same.any() else marked
