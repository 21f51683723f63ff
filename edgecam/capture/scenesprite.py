"""A drawn thing with soft edges, kept ready to be laid into an I420 picture in a few native calls."""

from __future__ import annotations

import cv2
import numpy as np

from edgecam.core.picture import U8, Picture


class Sprite:
    """A BGR drawing with its coverage, premultiplied and converted once.

    Laying it down is ``below * (1 - coverage) + drawing * coverage`` for each plane.
    """

    __slots__ = ("_keep", "_keep_half", "_u", "_v", "_y", "height", "width")

    def __init__(self, bgr: U8, coverage: U8) -> None:
        """``bgr`` is ``(h, w, 3)`` and ``coverage`` ``(h, w)``, both uint8; odd sizes lose a row or column."""
        self.height, self.width = bgr.shape[0] & ~1, bgr.shape[1] & ~1
        bgr, coverage = bgr[: self.height, : self.width], coverage[: self.height, : self.width]
        y, u, v = bgr_to_planes(bgr)
        half = cv2.resize(coverage, (self.width // 2, self.height // 2), interpolation=cv2.INTER_AREA).astype(
            np.uint8
        )
        self._y, self._u, self._v = (
            _scaled(plane, share) for plane, share in ((y, coverage), (u, half), (v, half))
        )
        self._keep: U8 = 255 - coverage
        self._keep_half: U8 = 255 - half

    def lay(self, picture: Picture, x: int, y: int) -> None:
        """Lay it with its top left pixel at ``(x, y)``; what lies outside the picture is cut."""
        _lay(picture.y, self._y, self._keep, x, y)
        _lay(picture.u, self._u, self._keep_half, x // 2, y // 2)
        _lay(picture.v, self._v, self._keep_half, x // 2, y // 2)


def bgr_to_planes(bgr: U8) -> tuple[U8, U8, U8]:
    """Y, U and V (BT.601, video range) of a BGR drawing with even sizes."""
    height, width = bgr.shape[:2]
    rows = cv2.cvtColor(np.ascontiguousarray(bgr), cv2.COLOR_BGR2YUV_I420).reshape(-1)
    picture = Picture(width, height, rows.astype(np.uint8, copy=False))
    return picture.y, picture.u, picture.v


def _scaled(plane: U8, share: U8) -> U8:
    scaled: U8 = cv2.multiply(plane, share, scale=1 / 255).astype(np.uint8, copy=False)
    return scaled


def _lay(plane: U8, drawing: U8, keep: U8, x: int, y: int) -> None:
    rows, columns = plane.shape
    top, left = max(y, 0), max(x, 0)
    bottom, right = min(y + drawing.shape[0], rows), min(x + drawing.shape[1], columns)
    if top >= bottom or left >= right:
        return
    cut = (slice(top - y, bottom - y), slice(left - x, right - x))
    below = plane[top:bottom, left:right]
    cv2.multiply(below, keep[cut], dst=below, scale=1 / 255)
    cv2.add(below, drawing[cut], dst=below)
