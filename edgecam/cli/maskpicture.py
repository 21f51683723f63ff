"""A picture of the geometry of masks: outlines and hatching on blank ground, nothing that a camera ever saw."""

from __future__ import annotations

from itertools import chain

import numpy as np

from edgecam.core.errors import Bug
from edgecam.masking.drawing import Drawing
from edgecam.masking.geometry import pixels_of

_GROUND, _HATCH, _MASK, _OWN = (255, 255, 255), (190, 190, 190), (30, 30, 200), (40, 130, 40)
_STRIPE = 12


def geometry_png(drawing: Drawing, size: tuple[int, int]) -> bytes:
    """A PNG of ``size`` (width, height): what is covered is hatched, masks are outlined red and own areas green.

    The numbers are those of `edgecam masks show`.
    """
    # Only here: no other command of the command line needs it.
    import cv2

    width, height = size
    picture = np.full((height, width, 3), _GROUND, np.uint8)
    covered = pixels_of(drawing.covered(width, height), width, height)
    rows, columns = np.ogrid[:height, :width]
    picture[covered & ((rows + columns) % _STRIPE < _STRIPE // 3)] = _HATCH
    areas = chain(((mask.polygon, _MASK) for mask in drawing.masks), ((own.polygon, _OWN) for own in drawing.own))
    for number, (polygon, colour) in enumerate(areas, 1):
        corners = np.round(np.array(polygon) * (width - 1, height - 1)).astype(np.int32)
        cv2.polylines(picture, [corners], isClosed=True, color=colour, thickness=2)
        x, y = corners.mean(axis=0).astype(int)
        cv2.putText(picture, str(number), (int(x), int(y)), cv2.FONT_HERSHEY_SIMPLEX, 0.8, colour, 2)
    done, png = cv2.imencode(".png", picture)
    if not done:
        raise Bug("the picture of the masks could not be encoded")
    return png.tobytes()
