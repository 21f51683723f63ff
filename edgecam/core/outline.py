"""Outlines that people draw on the picture: closed rows of points, normalised 0-1 from the top left."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Point = tuple[float, float]


def crosses_itself(outline: Sequence[Point]) -> bool:
    """Whether two edges of the outline that are not neighbours touch."""
    starts = np.asarray(outline, np.float64)
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


def area_of(outline: Sequence[Point]) -> float:
    """The share of the picture inside an outline that does not cross itself, 0-1, by the shoelace formula."""
    following = (*outline[1:], outline[0])
    return abs(sum(xa * yb - xb * ya for (xa, ya), (xb, yb) in zip(outline, following, strict=True))) / 2
