"""Drawn cars, seen from the side."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np

from edgecam.core.picture import U8

# The canvas before it is shrunk: a car of 4.3 m by 1.46 m, with room for lamps and shadow.
CANVAS_WIDTH, CANVAS_HEIGHT = 1040, 400
LENGTH_PX, GROUND_PX = 860, 372
_PAINTS = (
    (45, 45, 175),
    (165, 165, 170),
    (140, 80, 35),
    (60, 60, 62),
    (225, 225, 222),
    (70, 115, 70),
    (35, 120, 190),
)
_BODY = [
    (0, 250),
    (6, 190),
    (40, 172),
    (190, 156),
    (300, 84),
    (340, 72),
    (560, 72),
    (610, 84),
    (716, 160),
    (820, 182),
]
_BODY += [(852, 206), (860, 262), (850, 316), (12, 316)]
_GLASS = (
    [(222, 158), (312, 96), (345, 88), (430, 88), (430, 158)],
    [(446, 158), (446, 88), (556, 88), (596, 98), (684, 158)],
)
_WHEELS = ((168, 312), (690, 312))


def draw_car(look: int, lamps_on: bool) -> tuple[U8, U8]:
    """A car facing right: BGR ``(400, 1040, 3)`` and coverage ``(400, 1040)``, uint8."""
    canvas = np.zeros((CANVAS_HEIGHT, CANVAS_WIDTH, 4), np.uint8)
    left = (CANVAS_WIDTH - LENGTH_PX) // 2
    paint = _PAINTS[look % len(_PAINTS)]
    _fill(canvas, _BODY, left, paint, 1.0)
    _fill(canvas, [(6, 262), (860, 262), (850, 316), (12, 316)], left, paint, 0.72)
    _fill(canvas, [(20, 184), (200, 160), (720, 164), (818, 184), (818, 190), (20, 192)], left, paint, 1.25)
    for glass in _GLASS:
        _fill(canvas, glass, left, (92, 80, 66), 1.0)
        _fill(canvas, [(x * 0.5 + glass[0][0] * 0.5, y) for x, y in glass], left, (120, 108, 92), 1.0)
    cv2.line(canvas, (left + 438, 160), (left + 438, 300), (*_shade(paint, 0.6), 255), 3, cv2.LINE_AA)
    for x in (466, 262):
        cv2.line(canvas, (left + x, 196), (left + x + 30, 196), (*_shade(paint, 0.6), 255), 6, cv2.LINE_AA)
    for x, y in _WHEELS:
        _wheel(canvas, left + x, y)
    _lamps(canvas, left, lamps_on)
    return cv2.cvtColor(canvas, cv2.COLOR_BGRA2BGR).astype(np.uint8, copy=False), np.maximum(
        canvas[:, :, 3], _shadow()
    )


@cache
def _shadow() -> U8:
    shadow = np.zeros((CANVAS_HEIGHT, CANVAS_WIDTH), np.uint8)
    cv2.ellipse(shadow, (CANVAS_WIDTH // 2, GROUND_PX - 4), (430, 18), 0, 0, 360, 170, -1, cv2.LINE_AA)
    return cv2.GaussianBlur(shadow, (0, 0), 8).astype(np.uint8, copy=False)


def _wheel(canvas: U8, x: int, y: int) -> None:
    for radius, colour in ((66, (25, 25, 27)), (60, (38, 38, 40)), (38, (150, 150, 152)), (30, (110, 110, 113))):
        cv2.circle(canvas, (x, y), radius, (*colour, 255), -1, cv2.LINE_AA)
    for angle in range(0, 360, 72):
        tip = (round(x + 32 * np.cos(np.radians(angle))), round(y + 32 * np.sin(np.radians(angle))))
        cv2.line(canvas, (x, y), tip, (175, 175, 178, 255), 9, cv2.LINE_AA)


def _lamps(canvas: U8, left: int, on: bool) -> None:
    front = (215, 245, 255) if on else (205, 210, 215)
    back = (60, 60, 255) if on else (45, 45, 150)
    cv2.ellipse(canvas, (left + 836, 218), (20, 13), 20, 0, 360, (*front, 255), -1, cv2.LINE_AA)
    cv2.ellipse(canvas, (left + 12, 212), (11, 17), 0, 0, 360, (*back, 255), -1, cv2.LINE_AA)


def _fill(
    canvas: U8,
    outline: Sequence[tuple[float, float]],
    left: int,
    colour: tuple[int, ...],
    light: float,
) -> None:
    points = np.array([(x + left, y) for x, y in outline], np.float32).round().astype(np.int32)
    cv2.fillPoly(canvas, [points], (*_shade(colour, light), 255), cv2.LINE_AA)


def _shade(colour: tuple[int, ...], light: float) -> tuple[int, int, int]:
    blue, green, red = (min(255, round(value * light)) for value in colour)
    return blue, green, red
