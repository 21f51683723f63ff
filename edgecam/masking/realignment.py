"""Masks for a camera that has drifted a little: what they cover moves with the scene, and a margin is added."""

from __future__ import annotations

from math import ceil
from typing import Final

import cv2
import numpy as np

from edgecam.core.aim import AimReading
from edgecam.masking.geometry import CELL, Cells, grown

# Parts of the picture's width. How far a drift was told wrong at the worst corner (0.78 % at most, half of them by
# 0.2 %) together with how far it may go on before the masks follow again.
MARGIN: Final = 0.015
NEAR: Final = 0.006


def realigned(cells: Cells, drift: AimReading, width: int, height: int) -> Cells:
    """``cells``, drawn over a picture of ``width`` by ``height`` pixels, and what they cover since ``drift``.

    Everything that was not in view when they were drawn is covered as well. Never less than ``cells``.
    """
    angle = np.deg2rad(drift.turned_deg)
    turn = drift.zoom * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    # In cells, with whole numbers at their centres, as OpenCV has them.
    centre = np.array([width, height]) / (2 * CELL) - 0.5
    went = np.array([drift.right, drift.down]) * width / CELL
    forward = np.column_stack([turn, centre + went - turn @ centre])
    rows, columns = cells.shape
    moved = cv2.warpAffine(
        np.where(cells, np.float32(1), np.float32(0)),
        forward,
        (columns, rows),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=1.0,
    )
    # A cell that is touched at all counts as covered, as it does where it was drawn.
    return cells | grown(moved > 1e-3, ceil(MARGIN * width / CELL))


def is_near(followed: AimReading, now: AimReading, height_by_width: float, caution: float = 1.0) -> bool:
    """Whether masks that follow ``followed`` still cover the same things when the drift is ``now``.

    Turning and zooming, which are told least exactly, count ``caution`` times.
    """
    to_corner = caution * (1 + height_by_width) / 2
    shift = max(abs(now.right - followed.right), abs(now.down - followed.down))
    turned = abs(np.deg2rad(now.turned_deg - followed.turned_deg)) * to_corner
    zoomed = abs(now.zoom - followed.zoom) * to_corner
    return bool(shift + turned + zoomed <= NEAR)
