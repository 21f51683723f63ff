"""The light of a drawn scene: day, night under a street lamp, rain; and what falls through the air."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edgecam.capture.scenestreet import LAMP_HEAD, WINDOWS_LIT
from edgecam.core.picture import U8, Picture

Light = NDArray[np.float32]
LEVELS = 8
_STRIP = 64
_WARM = np.array((0.50, 0.74, 0.92), np.float32)


@dataclass(frozen=True, slots=True)
class Weather:
    """How a scene is lit: ``gain`` is BGR, ``colour`` 0 is grey and 1 as drawn, ``wind`` 1 is a breeze."""

    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    colour: float = 1.0
    wind: float = 1.0
    wet: bool = False
    dark: bool = False

    def grade(self, level: float) -> Callable[[U8], U8]:
        """Gives a drawing (BGR) this light, plus the lamp's where ``level`` (0-1) of it falls."""
        return lambda drawing: self._graded(drawing, level)

    def _graded(self, drawing: U8, level: Light | float) -> U8:
        if self == DAY:
            return drawing
        base = drawing.astype(np.float32)
        grey = base.mean(axis=2, keepdims=True)
        base = grey + (base - grey) * self.colour
        light = np.asarray(self.gain, np.float32) + (_WARM * level if self.dark else 0.0)
        graded: U8 = np.clip(base * light, 0, 255).astype(np.uint8)
        return graded

    def grade_street(self, street: U8) -> U8:
        """The whole still picture in this light, with lit windows and stars at night."""
        height, width = street.shape[:2]
        lamp = lamp_light(width, height)[:, :, None] if self.dark else np.zeros((height, 1, 1), np.float32)
        lit = np.empty_like(street)
        # In strips: a whole picture in floats is several times the memory of all that follows.
        for top in range(0, height, _STRIP):
            strip = slice(top, top + _STRIP)
            lit[strip] = self._graded(street[strip], lamp[strip])
        if self.dark:
            _light_up(lit, street)
        return lit


DAY = Weather()
RAIN = Weather(gain=(0.86, 0.84, 0.82), colour=0.62, wind=2.2, wet=True)
NIGHT = Weather(gain=(0.27, 0.20, 0.165), colour=0.75, wind=0.7, dark=True)
WEATHERS = {"street": DAY, "rain": RAIN, "night": NIGHT}


def lamp_light(width: int, height: int) -> Light:
    """How much of the lamp's light falls where, 0-1, shape ``(height, width)``."""
    x = np.linspace(0, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    pool = np.exp(-(((x - LAMP_HEAD[0]) / 0.21) ** 2) - ((y - 0.72) / 0.17) ** 2)
    glow = np.exp(-(((x - LAMP_HEAD[0]) / 0.055) ** 2) - ((y - LAMP_HEAD[1]) / 0.1) ** 2)
    share: Light = np.minimum(0.80 * pool + 0.5 * glow, 1.0).astype(np.float32)
    return share


def _light_up(night: U8, street: U8) -> None:
    height, width = night.shape[:2]
    dice = np.random.default_rng(2)
    for _ in range(70):
        at = (round(dice.random() * width), round(dice.random() * 0.3 * height))
        if int(street[at[1], at[0], 0]) - int(street[at[1], at[0], 2]) > 40:
            cv2.circle(night, at, 1, (150, 145, 140), -1, cv2.LINE_AA)
    glow = np.zeros((height, width, 3), np.uint8)
    for left, top, right, bottom in WINDOWS_LIT:
        box = (slice(round(top * height), round(bottom * height)), slice(round(left * width), round(right * width)))
        night[box] = np.clip(street[box].astype(np.float32) * (0.55, 0.95, 1.25) + (10, 45, 70), 0, 255)
        glow[box] = (30, 62, 80)
    at = (round(LAMP_HEAD[0] * width), round(LAMP_HEAD[1] * height))
    cv2.ellipse(
        glow, at, (round(0.022 * height), round(0.010 * height)), 0, 0, 360, (200, 235, 250), -1, cv2.LINE_AA
    )
    soft = cv2.GaussianBlur(glow, (0, 0), 0.02 * height)
    cv2.addWeighted(night, 1.0, soft, 0.8, 0, dst=night)
    cv2.ellipse(
        night, at, (round(0.016 * height), round(0.006 * height)), 0, 0, 360, (225, 245, 255), -1, cv2.LINE_AA
    )


class Rain:
    """Two sheets of falling streaks, laid over the luma."""

    def __init__(self, width: int, height: int, seed: int) -> None:
        self._height = height
        dice = np.random.default_rng(seed)
        self._sheets = [
            (_streaks(width, height, dice, 260, 0.030, 26), 1.9),
            (_streaks(width, height, dice, 110, 0.065, 40), 2.9),
        ]

    def lay(self, picture: Picture, t_s: float) -> None:
        for sheet, speed in self._sheets:
            top = self._height - 1 - int(t_s * speed * self._height) % self._height
            cv2.add(picture.y, sheet[top : top + self._height], dst=picture.y)


class Noise:
    """A sensor's noise in the dark, on the luma."""

    _ROOM = 64

    def __init__(self, width: int, height: int, seed: int) -> None:
        self._size = (height, width)
        dice = np.random.default_rng(seed)
        shape = (height + self._ROOM, width + self._ROOM)
        self._grains: U8 = np.clip(dice.normal(3, 2.2, shape), 0, 12).astype(np.uint8)

    def lay(self, picture: Picture, t_s: float) -> None:
        turn = round(t_s * 1000)
        top, left = turn * 7919 % self._ROOM, turn * 104729 % self._ROOM
        cv2.add(picture.y, self._grains[top : top + self._size[0], left : left + self._size[1]], dst=picture.y)


def _streaks(width: int, height: int, dice: np.random.Generator, count: int, length: float, shine: int) -> U8:
    """``(2 * height, width)``: a sheet and the same below it, so that any ``height`` rows of it fit on."""
    sheet = np.zeros((height, width), np.uint8)
    tall = round(length * height)
    for _ in range(count):
        x, y = round(dice.random() * width), round(dice.random() * height)
        for top in (y, y - height):
            cv2.line(
                sheet,
                (x, top),
                (x - tall // 7, top + tall),
                round(shine * (0.5 + 0.5 * dice.random())),
                1,
                cv2.LINE_AA,
            )
    return np.vstack([sheet, sheet])
