"""The crowns of drawn trees: heaps of leaves, each swaying on its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from edgecam.capture.scenesprite import Sprite
from edgecam.core.picture import U8, Picture

_HEAPS = 9
_LEAVES = 260


@dataclass(frozen=True, slots=True)
class _Heap:
    sprite: Sprite
    x: int
    y: int
    beat: float
    phase: float


class Crown:
    """One tree's leaves, drawn as a few heaps that move against each other."""

    def __init__(
        self, width: int, height: int, tree: tuple[float, ...], seed: int, grade: Callable[[U8], U8], wind: float
    ) -> None:
        """``tree`` as in ``scenestreet.TREES``; ``grade`` lights the drawing; ``wind`` 1 is a breeze."""
        _, _, across, up, radius = tree
        dice = np.random.default_rng(seed)
        self._sway_px = 0.0032 * height * wind
        size = round(radius * height)
        self._heaps = []
        for turn in range(_HEAPS):
            angle = turn * 2.4
            out = 0.62 * radius * height * math.sqrt(turn / _HEAPS)
            drawing, coverage = _leaves(round(size * 1.3), dice, 0.80 + 0.28 * turn / _HEAPS)
            sprite = Sprite(grade(drawing), coverage)
            x = round(across * width + out * math.cos(angle) * 1.1) - sprite.width // 2
            y = round(up * height + out * math.sin(angle) * 0.9) - sprite.height // 2
            self._heaps.append(_Heap(sprite, x, y, 0.9 + 0.8 * dice.random(), 6.3 * dice.random()))

    def lay(self, picture: Picture, t_s: float) -> None:
        gust = 0.6 + 0.4 * math.sin(t_s * 0.31) + 0.25 * math.sin(t_s * 0.83)
        for heap in self._heaps:
            turn = heap.beat * 2.1 * t_s + heap.phase
            x = heap.x + round(self._sway_px * gust * math.sin(turn))
            y = heap.y + round(0.5 * self._sway_px * gust * math.sin(1.7 * turn))
            heap.sprite.lay(picture, x, y)


def _leaves(size: int, dice: np.random.Generator, light: float) -> tuple[U8, U8]:
    """A round heap of leaves: BGR ``(size, size, 3)`` and coverage ``(size, size)``."""
    canvas = np.zeros((2 * size, 2 * size, 4), np.uint8)
    for turn in range(_LEAVES):
        angle, out = 6.283 * dice.random(), 0.74 * size * math.sqrt(dice.random())
        at = (round(size + out * math.cos(angle)), round(size + out * math.sin(angle)))
        # Leaves near the top and drawn late catch the light.
        shine = light * (0.62 + 0.38 * turn / _LEAVES - 0.22 * out * math.sin(angle) / size + 0.1 * dice.normal())
        colour = tuple(min(255, max(0, round(c * shine))) for c in (62, 148 + 14 * dice.normal(), 96))
        radius = round(size * (0.05 + 0.05 * dice.random()))
        cv2.ellipse(canvas, at, (radius, round(radius * 0.6)), 180 * dice.random(), 0, 360, (*colour, 255), -1)
    small = cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA).astype(np.uint8)
    share = np.maximum(small[:, :, 3:], 1).astype(np.float32) / 255
    bgr: U8 = np.clip(small[:, :, :3] / share, 0, 255).astype(np.uint8)
    return bgr, np.ascontiguousarray(small[:, :, 3])
