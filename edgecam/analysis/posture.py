"""How a body lies in the picture: the size and the main axis of what hides the background there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2

from edgecam.analysis.box import Box, around, share_inside
from edgecam.analysis.look import Look

_REACH: Final = 0.3
_INSIDE: Final = 0.6
_LEAST_PIXELS: Final = 20


@dataclass(frozen=True, slots=True)
class Posture:
    """``box`` in pixels of the small picture, ``area`` in its square pixels, without holes; ``lean_deg`` is how far
    the main axis is from upright, 0-90, and ``stretch`` how many times as long as wide the body is along it.
    """

    box: Box
    area: float
    lean_deg: float
    stretch: float


def posture(look: Look, last: Box) -> Posture | None:
    """The body that was at ``last``: the changed regions there, by their second moments; ``None`` without any.

    The detector knows few people who lie; that something still hides the floor is certain.
    """
    near = last.grown_by(_REACH)
    parts = [region.box for region in look.regions if share_inside(region.box, near) >= _INSIDE]
    if not parts:
        return None
    box = around(parts)
    changed = look.motion.changed
    to_x, to_y = look.picture.width / changed.shape[1], look.picture.height / changed.shape[0]
    rows = slice(max(int(box.y0 / to_y), 0), math.ceil(box.y1 / to_y))
    columns = slice(max(int(box.x0 / to_x), 0), math.ceil(box.x1 / to_x))
    moments = cv2.moments(changed[rows, columns], binaryImage=True)
    if moments["m00"] < _LEAST_PIXELS:
        return None
    spread_x = moments["mu20"] * to_x * to_x / moments["m00"]
    spread_y = moments["mu02"] * to_y * to_y / moments["m00"]
    both = moments["mu11"] * to_x * to_y / moments["m00"]
    middle, half = (spread_x + spread_y) / 2, math.hypot((spread_x - spread_y) / 2, both)
    axis_deg = math.degrees(0.5 * math.atan2(2 * both, spread_x - spread_y))
    stretch = math.sqrt((middle + half) / max(middle - half, 1e-3))
    return Posture(box, moments["m00"] * to_x * to_y, 90.0 - abs(axis_deg), stretch)
