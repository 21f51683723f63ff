"""The still part of a drawn scene: two houses with gardens on a public road, seen from across the road."""

from __future__ import annotations

import math

import cv2
import numpy as np

from edgecam.capture import sceneperspective as perspective
from edgecam.capture.scenebrush import Brush, Colour, Place
from edgecam.core.picture import U8

# Shares of the height at which the ground changes, from far to near.
_GRASS, _PAVEMENT_TOP, _KERB, _ROAD, _ROAD_END = 0.555, 0.668, 0.722, 0.735, 0.962
LAMP_POST, LAMP_HEAD = 0.545, (0.508, 0.125)
# Where the trees stand: across, foot, and the middle of the crown with its radius (share of the height).
TREES = ((0.475, 0.625, 0.475, 0.335, 0.15), (0.02, 0.655, 0.025, 0.30, 0.19))
WINDOWS_LIT: tuple[tuple[float, float, float, float], ...] = (
    (0.095, 0.435, 0.155, 0.515),
    (0.30, 0.262, 0.345, 0.332),
    (0.655, 0.285, 0.70, 0.35),
)


def draw_street(width: int, height: int, wet: bool) -> U8:
    """The street by day without people, cars and leaves: BGR ``(height, width, 3)`` uint8."""
    # Twice the size, shrunk, is smoother; above 720p it would only cost memory.
    scale = 2 if width <= 1280 else 1
    brush = Brush(width * scale, height * scale, seed=5)
    _sky(brush, wet)
    _distance(brush)
    _gardens(brush)
    _house(brush, 0.055, 0.40, 0.575, own=True)
    _house(brush, 0.60, 0.945, 0.575, own=False)
    _plants(brush)
    _path_and_drive(brush)
    _road(brush, wet)
    _lamp_post(brush)
    for across, foot, *_ in TREES:
        _trunk(brush, across, foot)
    if wet:
        _reflect(brush)
    if scale == 1:
        return brush.canvas
    smaller: U8 = cv2.resize(brush.canvas, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8)
    return smaller


def _sky(brush: Brush, wet: bool) -> None:
    top, bottom = ((150, 146, 140), (190, 188, 184)) if wet else ((214, 158, 92), (238, 222, 200))
    brush.fade([(0, 0), (1, 0), (1, 0.5), (0, 0.5)], top, bottom)
    dice = np.random.default_rng(11)
    # Clouds are soft: an eighth of the size is enough.
    wide, tall = max(brush.width // 8, 8), max(brush.height // 8, 8)
    clouds = np.zeros((tall // 2, wide), np.float32)
    for _ in range(9):
        x, y = dice.random() * wide, (0.04 + 0.22 * dice.random()) * tall
        for _ in range(9):
            at = (round(x + dice.normal(0, 0.05) * wide), round(y + dice.normal(0, 0.012) * tall))
            size = (round((0.03 + 0.05 * dice.random()) * tall * 1.6), max(round(0.022 * tall), 1))
            cv2.ellipse(clouds, at, size, 0, 0, 360, 1.0, -1)
    clouds = cv2.GaussianBlur(clouds, (0, 0), tall * 0.018).astype(np.float32)
    sky = brush.canvas[: brush.height // 2]
    share = cv2.resize(clouds, (sky.shape[1], sky.shape[0]), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    cv2.blendLinear(
        np.full_like(sky, 171 if wet else 251), sky, 0.75 * share.clip(0, 1), 1 - 0.75 * share.clip(0, 1), dst=sky
    )


def _distance(brush: Brush) -> None:
    """Hills and a line of far trees."""
    for height, wave, colour in ((0.345, 0.028, (178, 172, 140)), (0.385, 0.020, (148, 152, 112))):
        line: list[Place] = [
            (x / 40, height - wave * (math.sin(x * 0.37 + height * 50) + 0.6 * math.sin(x * 0.83 + 1)))
            for x in range(41)
        ]
        brush.fade([*line, (1, 0.6), (0, 0.6)], colour, (150, 165, 130))
    dice = np.random.default_rng(3)
    for x in np.linspace(-0.01, 1.01, 90):
        tall = 0.03 + 0.03 * dice.random()
        green = round(105 + 25 * dice.random())
        brush.oval((float(x), 0.49 - 0.5 * tall), tall, 1.15, (70, green, 82))
    brush.fade([(0, 0.5), (1, 0.5), (1, 0.56), (0, 0.56)], (72, 118, 88), (78, 140, 98))


def _gardens(brush: Brush) -> None:
    lawn: list[Place] = [(0, _GRASS - 0.02), (1, _GRASS - 0.02), (1, _PAVEMENT_TOP), (0, _PAVEMENT_TOP)]
    brush.fade(lawn, (82, 150, 104), (64, 156, 112))
    brush.grain(lawn, 0.05, 0.05, 0.5)
    brush.grain(lawn, 0.09, 0.008, 0.6)


def _house(brush: Brush, left: float, right: float, foot: float, *, own: bool) -> None:
    wall: tuple[Colour, Colour] = ((196, 218, 232), (176, 202, 222)) if own else ((188, 196, 178), (166, 176, 158))
    roof: tuple[Colour, Colour] = ((72, 78, 120), (88, 100, 158)) if own else ((84, 80, 78), (112, 106, 102))
    eaves, ridge = foot - 0.345, foot - 0.485
    brush.shade(
        [(left - 0.02, foot - 0.01), (right + 0.03, foot - 0.01), (right + 0.02, foot + 0.03), (left, foot + 0.03)],
        0.4,
        0.012,
    )
    brush.fade([(left, eaves), (right, eaves), (right, foot), (left, foot)], *wall)
    for row in range(1, 27):
        up = eaves + row * (foot - eaves) / 27
        brush.line((left, up), (right, up), tuple(round(c * 0.93) for c in wall[0]), 0.0012)  # type: ignore[arg-type]
    brush.shade([(left, eaves), (right, eaves), (right, eaves + 0.03), (left, eaves + 0.03)], 0.35, 0.008)
    brush.box(left, foot - 0.02, right, foot, (128, 132, 136))
    chimney = left + (right - left) * (0.72 if own else 0.3)
    brush.fade(
        [
            (chimney, ridge - 0.05),
            (chimney + 0.028, ridge - 0.05),
            (chimney + 0.028, ridge + 0.06),
            (chimney, ridge + 0.06),
        ],
        (92, 106, 150),
        (78, 90, 132),
    )
    brush.box(chimney - 0.004, ridge - 0.058, chimney + 0.032, ridge - 0.046, (110, 112, 116))
    over = 0.018
    gable: list[Place] = [
        (left - over, eaves + 0.012),
        (left + 0.055, ridge),
        (right - 0.055, ridge),
        (right + over, eaves + 0.012),
    ]
    brush.fade(gable, *roof)
    for row in range(1, 15):
        share = row / 15
        up = ridge + share * (eaves + 0.012 - ridge)
        start, end = left + 0.055 - share * (0.055 + over), right - 0.055 + share * (0.055 + over)
        brush.line((start, up), (end, up), tuple(round(c * 0.86) for c in roof[0]), 0.0016)  # type: ignore[arg-type]
    brush.grain(gable, 0.05, 0.012, 0.5)
    brush.box(left - over, eaves + 0.010, right + over, eaves + 0.024, (226, 228, 230))
    if own:
        _own_front(brush, foot)
    else:
        _other_front(brush, foot)


def _own_front(brush: Brush, foot: float) -> None:
    _window(brush, 0.095, 0.435, 0.155, 0.515)
    _window(brush, 0.315, 0.435, 0.375, 0.515)
    for left in (0.095, 0.20, 0.30):
        _window(brush, left, 0.262, left + 0.05, 0.337)
    path = perspective.OWN_PATH
    brush.box(path - 0.032, foot - 0.165, path + 0.032, foot, (232, 234, 236))
    brush.fade(
        [(path - 0.026, foot - 0.155), (path + 0.026, foot - 0.155), (path + 0.026, foot), (path - 0.026, foot)],
        (98, 84, 44),
        (82, 68, 34),
    )
    for up in (0.135, 0.065):
        for side in (-0.019, 0.003):
            brush.box(path + side, foot - up, path + side + 0.016, foot - up + 0.045, (112, 98, 58))
    brush.oval((path + 0.019, foot - 0.075), 0.006, 1.0, (80, 190, 215))
    roof: list[Place] = [(path - 0.055, foot - 0.17), (path, foot - 0.215), (path + 0.055, foot - 0.17)]
    brush.polygon(roof, (84, 92, 146))
    brush.line(roof[0], roof[1], (226, 228, 230), 0.006)
    brush.line(roof[1], roof[2], (226, 228, 230), 0.006)
    for side in (-0.048, 0.048):
        brush.line((path + side, foot - 0.17), (path + side, foot), (228, 230, 232), 0.009)
    brush.fade(
        [
            (path - 0.056, foot - 0.004),
            (path + 0.056, foot - 0.004),
            (path + 0.062, foot + 0.012),
            (path - 0.062, foot + 0.012),
        ],
        (176, 180, 184),
        (140, 144, 148),
    )


def _other_front(brush: Brush, foot: float) -> None:
    for left in (0.655, 0.755, 0.855):
        _window(brush, left, 0.278, left + 0.05, 0.35)
    _window(brush, 0.628, 0.43, 0.69, 0.515)
    brush.box(0.722, foot - 0.16, 0.772, foot, (226, 228, 230))
    brush.fade(
        [(0.727, foot - 0.15), (0.767, foot - 0.15), (0.767, foot), (0.727, foot)], (58, 62, 128), (46, 50, 108)
    )
    brush.box(0.736, foot - 0.135, 0.758, foot - 0.085, (150, 140, 122))
    brush.box(0.798, foot - 0.172, 0.922, foot, (222, 224, 226))
    for row in range(5):
        top = foot - 0.162 + row * 0.0324
        brush.fade(
            [(0.804, top), (0.916, top), (0.916, top + 0.029), (0.804, top + 0.029)],
            (206, 208, 210),
            (182, 186, 190),
        )


def _window(brush: Brush, left: float, top: float, right: float, bottom: float) -> None:
    edge = 0.004
    brush.box(left - edge, top - 2 * edge, right + edge, bottom + 2 * edge, (236, 238, 240))
    brush.fade([(left, top), (right, top), (right, bottom), (left, bottom)], (150, 122, 92), (96, 82, 66))
    third = (right - left) / 3
    brush.polygon(
        [(left, bottom), (left + third, top), (left + 1.7 * third, top), (left + 0.7 * third, bottom)],
        (172, 148, 120),
    )
    for side in (left, right - 0.22 * (right - left)):
        brush.box(side, top, side + 0.22 * (right - left), bottom, (196, 206, 210))
    middle = (left + right) / 2
    brush.line((middle, top), (middle, bottom), (236, 238, 240), 0.006)
    brush.line((left, (top + bottom) / 2), (right, (top + bottom) / 2), (236, 238, 240), 0.005)
    brush.box(left - 2 * edge, bottom + edge, right + 2 * edge, bottom + 3.5 * edge, (206, 208, 210))


def _plants(brush: Brush) -> None:
    dice = np.random.default_rng(21)
    for first, last, foot, tall in (
        (0.06, 0.175, 0.582, 0.026),
        (0.30, 0.40, 0.582, 0.026),
        (0.61, 0.715, 0.582, 0.024),
    ):
        for x in np.linspace(first, last, 26):
            brush.oval(
                (float(x), foot - tall * dice.random()),
                0.014 + 0.012 * dice.random(),
                0.9,
                (58, round(108 + 34 * dice.random()), 66),
            )
        for x in np.linspace(first, last, 12):
            brush.oval(
                (float(x), foot - 0.03 * dice.random()),
                0.005,
                1.0,
                ((120, 90, 225), (90, 205, 240), (225, 200, 235))[int(dice.integers(3))],
            )
    for row in range(3):
        for foot in np.linspace(0.545, 0.655, 34):
            size = 0.10 * (foot - perspective.HORIZON)
            brush.oval(
                (0.573 + 0.004 * float(dice.normal()), float(foot) - row * size * 0.6),
                size * 0.8,
                1.0,
                (52, round(98 + 30 * dice.random()), 60),
            )
    for x in np.linspace(0.60, 0.785, 27):
        brush.box(float(x), 0.618, float(x) + 0.0042, 0.664, (238, 240, 241))
    for up in (0.630, 0.650):
        brush.box(0.597, up, 0.79, up + 0.005, (228, 230, 232))


def _path_and_drive(brush: Brush) -> None:
    path = perspective.OWN_PATH
    stones: list[Place] = [
        (path - 0.030, 0.586),
        (path + 0.030, 0.586),
        (path + 0.052, _PAVEMENT_TOP),
        (path - 0.052, _PAVEMENT_TOP),
    ]
    brush.fade(stones, (160, 168, 172), (172, 180, 186))
    brush.grain(stones, 0.05, 0.008)
    for up in (0.597, 0.612, 0.632, 0.652):
        wide = 0.030 + 0.022 * (up - 0.586) / 0.082
        brush.line((path - wide, up), (path + wide, up), (132, 140, 144), 0.002)
    drive: list[Place] = [(0.798, 0.577), (0.922, 0.577), (0.972, _PAVEMENT_TOP), (0.815, _PAVEMENT_TOP)]
    brush.fade(drive, (138, 142, 146), (150, 154, 158))
    brush.grain(drive, 0.04, 0.006)


def _road(brush: Brush, wet: bool) -> None:
    pavement: list[Place] = [(0, _PAVEMENT_TOP), (1, _PAVEMENT_TOP), (1, _KERB), (0, _KERB)]
    brush.fade(pavement, (178, 184, 188), (190, 196, 200))
    brush.grain(pavement, 0.03, 0.006)
    for step in range(-9, 10):
        lean = step / 9
        brush.line((0.5 + lean * 0.515, _PAVEMENT_TOP), (0.5 + lean * 0.60, _KERB), (156, 162, 166), 0.0018)
    brush.box(0, _KERB, 1, _KERB + 0.005, (212, 216, 218))
    brush.box(0, _KERB + 0.005, 1, _ROAD, (142, 146, 150))
    road: list[Place] = [(0, _ROAD), (1, _ROAD), (1, _ROAD_END), (0, _ROAD_END)]
    top, bottom = ((74, 72, 70), (88, 86, 84)) if wet else ((98, 96, 94), (112, 110, 108))
    brush.fade(road, top, bottom)
    brush.grain(road, 0.06, 0.004)
    brush.grain(road, 0.035, 0.07, 0.4)
    for x in range(-1, 9):
        start = x * 0.135
        brush.polygon(
            [(start + 0.008, 0.838), (start + 0.076, 0.838), (start + 0.074, 0.849), (start + 0.002, 0.849)],
            (222, 226, 228),
        )
    brush.box(0, _ROAD_END, 1, _ROAD_END + 0.012, (206, 210, 212))
    brush.fade([(0, _ROAD_END + 0.012), (1, _ROAD_END + 0.012), (1, 1), (0, 1)], (182, 188, 192), (170, 176, 180))
    brush.grain([(0, _ROAD_END), (1, _ROAD_END), (1, 1), (0, 1)], 0.03, 0.008)


def _lamp_post(brush: Brush) -> None:
    # At the back of the pavement, so that whoever walks there passes in front.
    foot = _PAVEMENT_TOP + 0.006
    brush.shade(
        [
            (LAMP_POST - 0.012, foot - 0.008),
            (LAMP_POST + 0.05, foot - 0.008),
            (LAMP_POST + 0.05, foot),
            (LAMP_POST - 0.01, foot),
        ],
        0.35,
        0.004,
    )
    brush.line((LAMP_POST, foot), (LAMP_POST, 0.135), (74, 76, 78), 0.011)
    brush.line((LAMP_POST - 0.0015, foot), (LAMP_POST - 0.0015, 0.135), (112, 114, 116), 0.003)
    brush.line((LAMP_POST, 0.14), (LAMP_POST - 0.038, 0.118), (74, 76, 78), 0.008)
    brush.polygon([(LAMP_POST - 0.058, 0.122), (LAMP_POST - 0.03, 0.108), (LAMP_POST - 0.026, 0.122)], (64, 66, 68))


def _trunk(brush: Brush, across: float, foot: float) -> None:
    brush.shade(
        [
            (across - 0.09, foot - 0.014),
            (across + 0.10, foot - 0.014),
            (across + 0.10, foot + 0.018),
            (across - 0.09, foot + 0.018),
        ],
        0.42,
        0.014,
    )
    wide = 0.011
    outline: list[Place] = [(across - wide * 1.7, foot), (across - wide, foot - 0.05), (across - wide * 0.8, 0.38)]
    outline += [(across + wide * 0.7, 0.38), (across + wide * 0.9, foot - 0.05), (across + wide * 1.6, foot)]
    brush.fade(outline, (62, 82, 104), (72, 96, 122))
    brush.grain(outline, 0.10, 0.012, 2.0)
    for side in (-1, 1):
        brush.line((across, 0.44), (across + side * 0.045, 0.34), (60, 80, 100), 0.012)


def _reflect(brush: Brush) -> None:
    """A wet road mirrors what stands behind it, blurred downwards."""
    top, bottom = round(_ROAD * brush.height), round(_ROAD_END * brush.height)
    mirrored = cv2.flip(brush.canvas[2 * top - bottom : top], 0)
    mirrored = cv2.GaussianBlur(mirrored, (0, 0), sigmaX=brush.height * 0.006, sigmaY=brush.height * 0.03)
    road = brush.canvas[top:bottom]
    cv2.addWeighted(road, 0.66, mirrored, 0.34, 0, dst=road)
