"""Drawn people: a walking figure with joints, in any step of its gait, dressed by chance."""

from __future__ import annotations

import math
from functools import cache

import cv2
import numpy as np

from edgecam.core.picture import U8

Point = tuple[float, float]
# The canvas on which a figure is drawn before it is shrunk to its size: pixels, feet at the bottom.
CANVAS_WIDTH, CANVAS_HEIGHT, GROUND_PX, TALL_PX = 400, 640, 610, 520
STRIDE_M = 1.35
STEPS = 16
_SHIFT = 4
_SKINS = ((150, 185, 225), (120, 160, 205), (80, 115, 165), (175, 205, 240))
_HAIRS = ((30, 35, 45), (45, 70, 110), (60, 60, 65), (25, 25, 28))
_COATS = (
    (60, 60, 190),
    (150, 95, 40),
    (70, 130, 60),
    (40, 140, 215),
    (120, 70, 120),
    (90, 90, 95),
    (200, 190, 180),
)
_TROUSERS = ((95, 60, 40), (50, 50, 55), (60, 75, 95), (110, 100, 90))
_UMBRELLAS = ((50, 50, 170), (130, 70, 30), (45, 45, 50), (40, 150, 190))


def draw_walker(look: int, step: int, umbrella: bool) -> tuple[U8, U8]:
    """A figure facing right at ``step`` of `STEPS`: BGR ``(640, 400, 3)`` and coverage ``(640, 400)``, uint8."""
    canvas = np.zeros((CANVAS_HEIGHT, CANVAS_WIDTH, 4), np.uint8)
    phase = 2 * math.pi * step / STEPS
    _Walker(canvas, look, phase, umbrella).draw()
    return cv2.cvtColor(canvas, cv2.COLOR_BGRA2BGR).astype(np.uint8, copy=False), np.maximum(
        canvas[:, :, 3], _shadow()
    )


@cache
def _shadow() -> U8:
    shadow = np.zeros((CANVAS_HEIGHT, CANVAS_WIDTH), np.uint8)
    cv2.ellipse(shadow, (CANVAS_WIDTH // 2, GROUND_PX), (105, 16), 0, 0, 360, 120, -1, cv2.LINE_AA)
    return cv2.GaussianBlur(shadow, (0, 0), 7).astype(np.uint8, copy=False)


class _Walker:
    """Draws far limbs first, then the body, then near limbs; lengths are shares of the figure's height."""

    def __init__(self, canvas: U8, look: int, phase: float, umbrella: bool) -> None:
        self._canvas, self._phase, self._umbrella = canvas, phase, umbrella
        self._skin, self._hair = _SKINS[look % 4], _HAIRS[look // 4 % 4]
        self._coat, self._trousers = _COATS[look // 16 % 7], _TROUSERS[look // 112 % 4]
        self._cover = _UMBRELLAS[look // 3 % 4]
        legs = [self._leg(phase), self._leg(phase + math.pi)]
        reach = max(leg[2][1] for leg in legs)
        self._hip: Point = (CANVAS_WIDTH / 2, GROUND_PX - 10 - reach)
        self._legs = [[self._from_hip(joint) for joint in leg] for leg in legs]

    def draw(self) -> None:
        x, y = self._hip
        shoulder = (x + 6, y - 0.30 * TALL_PX)
        self._draw_leg(self._legs[1], 0.72)
        self._draw_arm(shoulder, self._phase, 0.72)
        self._draw_leg(self._legs[0], 1.0)
        self._draw_body(shoulder)
        self._draw_head(shoulder)
        if self._umbrella:
            self._draw_umbrella(shoulder)
        else:
            self._draw_arm(shoulder, self._phase + math.pi, 1.0)

    def _leg(self, phase: float) -> list[Point]:
        """Hip, knee and ankle around the hip; the knee bends while the leg swings forward."""
        thigh = 0.46 * math.sin(phase)
        shin = thigh - 0.10 - 0.85 * max(0.0, math.cos(phase)) ** 1.5
        knee = (0.245 * TALL_PX * math.sin(thigh), 0.245 * TALL_PX * math.cos(thigh))
        return [
            (0, 0),
            knee,
            (knee[0] + 0.235 * TALL_PX * math.sin(shin), knee[1] + 0.235 * TALL_PX * math.cos(shin)),
        ]

    def _from_hip(self, joint: Point) -> Point:
        return joint[0] + self._hip[0], joint[1] + self._hip[1]

    def _draw_leg(self, leg: list[Point], light: float) -> None:
        hip, knee, ankle = leg
        self._limb(hip, knee, 50, self._trousers, light)
        self._limb(knee, ankle, 38, self._trousers, light)
        self._limb((ankle[0] + 2, ankle[1] + 4), (ankle[0] + 30, ankle[1] + 6), 18, (35, 35, 40), light)

    def _draw_arm(self, shoulder: Point, phase: float, light: float) -> None:
        upper = 0.42 * math.sin(phase)
        lower = upper + 0.32 + 0.18 * math.sin(phase)
        elbow = (
            shoulder[0] + 0.17 * TALL_PX * math.sin(upper),
            shoulder[1] + 14 + 0.17 * TALL_PX * math.cos(upper),
        )
        hand = (elbow[0] + 0.15 * TALL_PX * math.sin(lower), elbow[1] + 0.15 * TALL_PX * math.cos(lower))
        self._limb((shoulder[0], shoulder[1] + 14), elbow, 32, self._coat, light * 0.93)
        self._limb(elbow, hand, 26, self._coat, light * 0.93)
        self._disc(hand, 12, self._skin, light)

    def _draw_body(self, shoulder: Point) -> None:
        (x, y), (sx, sy) = self._hip, shoulder
        outline = [(sx - 42, sy + 14), (sx - 22, sy - 8), (sx + 20, sy - 8), (sx + 40, sy + 16)]
        outline += [(x + 40, y - 40), (x + 40, y + 34), (x - 38, y + 34), (x - 38, y - 40)]
        self._fill(outline, self._coat, 1.0)
        shaded = [(sx - 42, sy + 14), (sx - 22, sy - 8), (sx - 12, sy + 20), (x - 14, y + 34), (x - 38, y + 34)]
        self._fill(shaded, self._coat, 0.82)

    def _draw_head(self, shoulder: Point) -> None:
        sx, sy = shoulder
        head = (sx + 8, sy - 0.115 * TALL_PX)
        self._limb((sx + 2, sy), (sx + 4, sy - 26), 28, self._skin, 0.85)
        self._oval(head, (31, 38), self._skin, 1.0, 0, 360)
        self._oval((head[0] - 5, head[1] - 6), (34, 38), self._hair, 1.0, 140, 325)
        self._disc((head[0] + 31, head[1] + 6), 6, self._skin, 0.95)

    def _draw_umbrella(self, shoulder: Point) -> None:
        sx, sy = shoulder
        hand, top = (sx + 44, sy + 62), (sx + 34, sy - 168)
        self._limb(hand, top, 6, (60, 60, 60), 1.0)
        self._limb((sx, sy + 14), (sx + 14, sy + 92), 32, self._coat, 0.93)
        self._limb((sx + 14, sy + 92), hand, 26, self._coat, 0.93)
        self._disc(hand, 12, self._skin, 1.0)
        self._oval((top[0], top[1] + 62), (150, 66), self._cover, 1.0, 180, 360)
        self._oval((top[0] - 40, top[1] + 62), (60, 60), self._cover, 0.85, 180, 360)

    def _limb(self, start: Point, end: Point, width: int, colour: tuple[int, ...], light: float) -> None:
        cv2.line(self._canvas, _fixed(start), _fixed(end), _ink(colour, light), width, cv2.LINE_AA, _SHIFT)

    def _disc(self, at: Point, radius: int, colour: tuple[int, ...], light: float) -> None:
        cv2.circle(self._canvas, _fixed(at), radius << _SHIFT, _ink(colour, light), -1, cv2.LINE_AA, _SHIFT)

    def _oval(
        self, at: Point, radii: tuple[int, int], colour: tuple[int, ...], light: float, start: float, end: float
    ) -> None:
        axes = (radii[0] << _SHIFT, radii[1] << _SHIFT)
        cv2.ellipse(self._canvas, _fixed(at), axes, 0, start, end, _ink(colour, light), -1, cv2.LINE_AA, _SHIFT)

    def _fill(self, outline: list[Point], colour: tuple[int, ...], light: float) -> None:
        points = np.array([_fixed(point) for point in outline], np.int32)
        cv2.fillPoly(self._canvas, [points], _ink(colour, light), cv2.LINE_AA, _SHIFT)


def _fixed(point: Point) -> tuple[int, int]:
    return round(point[0] * (1 << _SHIFT)), round(point[1] * (1 << _SHIFT))


def _ink(colour: tuple[int, ...], light: float) -> tuple[int, int, int, int]:
    blue, green, red = (min(255, round(value * light)) for value in colour)
    return blue, green, red, 255
