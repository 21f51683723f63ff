"""What part of the picture a thumbnail shows, cut out and made small; pure."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from edgecam.core.picture import U8, Picture

WIDEST: Final = 320
_CONTEXT: Final = 2.4
_LEAST_WIDTH: Final = 160
_SHAPE: Final = 4 / 3

Part = tuple[float, float, float, float]
WHOLE: Final[Part] = (0.0, 0.0, 1.0, 1.0)


def framed(picture: Picture, box: Part | None) -> tuple[Picture, Part]:
    """A picture of its own, at most 320 wide, of what is around ``box``, and which part of ``picture`` it is.

    Everything without a ``box``. Parts as shares 0-1.
    """
    width, height = picture.width, picture.height
    x0, y0, x1, y1 = _pixels_around(box, width, height) if box is not None else (0, 0, width, height)
    part = (_share(x0, width), _share(y0, height), _share(x1, width), _share(y1, height))
    small = Picture(*_small_size(x1 - x0, y1 - y0))
    _copy(picture.y[y0:y1, x0:x1], small.y)
    half = slice(y0 // 2, (y1 + 1) // 2), slice(x0 // 2, (x1 + 1) // 2)
    _copy(picture.u[half], small.u)
    _copy(picture.v[half], small.v)
    return small, part


def within(box: Part, part: Part) -> Part:
    """Where ``box`` lies in ``part``, as shares of that."""
    width, height = max(part[2] - part[0], 1e-9), max(part[3] - part[1], 1e-9)

    def share(value: float, begin: float, size: float) -> float:
        return round(min(max((value - begin) / size, 0.0), 1.0), 4)

    return (
        share(box[0], part[0], width),
        share(box[1], part[1], height),
        share(box[2], part[0], width),
        share(box[3], part[1], height),
    )


def _pixels_around(box: Part, width: int, height: int) -> tuple[int, int, int, int]:
    """A rectangle of even corners around ``box`` with what is around it."""
    box_width, box_height = (box[2] - box[0]) * width, (box[3] - box[1]) * height
    wide = max(_LEAST_WIDTH, _CONTEXT * box_width, _CONTEXT * box_height * _SHAPE)
    high = wide / _SHAPE
    if high > height:
        high, wide = height, height * _SHAPE
    wide = min(max(wide, box_width), width)
    middle_x, middle_y = (box[0] + box[2]) / 2 * width, (box[1] + box[3]) / 2 * height
    x0 = _even(min(max(middle_x - wide / 2, 0), width - wide))
    y0 = _even(min(max(middle_y - high / 2, 0), height - high))
    return x0, y0, min(x0 + max(_even(wide), 2), width), min(y0 + max(_even(high), 2), height)


def _small_size(width: int, height: int) -> tuple[int, int]:
    if width <= WIDEST:
        return width, height
    return WIDEST, max(2, _even(height * WIDEST / width))


def _copy(source: U8, target: U8) -> None:
    if source.shape == target.shape:
        np.copyto(target, source)
    else:
        cv2.resize(source, (target.shape[1], target.shape[0]), dst=target, interpolation=cv2.INTER_AREA)


def _even(value: float) -> int:
    return int(value) // 2 * 2


def _share(value: int, size: int) -> float:
    return round(value / size, 4)
