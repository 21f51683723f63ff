"""Draws shapes given in shares of the picture, smooth at any size; only for what is drawn once."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edgecam.core.picture import U8

Colour = tuple[int, int, int]
Place = tuple[float, float]
_SHIFT = 4


class Brush:
    """A BGR canvas addressed by shares of its width and height."""

    def __init__(self, width: int, height: int, seed: int) -> None:
        self.width, self.height = width, height
        self.canvas: U8 = np.zeros((height, width, 3), np.uint8)
        self._dice = np.random.default_rng(seed)

    def polygon(self, places: Sequence[Place], colour: Colour) -> None:
        cv2.fillPoly(self.canvas, [self._fixed(places)], colour, cv2.LINE_AA, _SHIFT)

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], colour)

    def line(self, start: Place, end: Place, colour: Colour, thickness: float) -> None:
        """``thickness`` in shares of the height."""
        points = self._fixed([start, end])
        cv2.line(
            self.canvas, points[0].tolist(), points[1].tolist(), colour, self._px(thickness), cv2.LINE_AA, _SHIFT
        )

    def oval(self, middle: Place, radius: float, flat: float, colour: Colour) -> None:
        """``radius`` in shares of the height, ``flat`` its height over its width."""
        (x, y), r = self._fixed([middle])[0], radius * self.height * (1 << _SHIFT)
        axes = (round(r), round(r * flat))
        cv2.ellipse(self.canvas, (int(x), int(y)), axes, 0, 0, 360, colour, -1, cv2.LINE_AA, _SHIFT)

    def fade(self, places: Sequence[Place], top: Colour, bottom: Colour) -> None:
        """A polygon whose colour runs from ``top`` to ``bottom`` over its own height."""
        rows, columns = self._around(places, 0)
        tall, wide = rows.stop - rows.start, columns.stop - columns.start
        share = np.linspace(0, 1, tall, dtype=np.float32)[:, None]
        ramp = np.asarray(top, np.float32) * (1 - share) + np.asarray(bottom, np.float32) * share
        strip = np.repeat(ramp.astype(np.uint8)[:, None, :], wide, axis=1)
        cv2.copyTo(strip, self._inside(places, rows, columns), self.canvas[rows, columns])

    def shade(self, places: Sequence[Place], strength: float, soft: float) -> None:
        """Darken softly: ``strength`` 0-1, ``soft`` the blur's size in shares of the height."""
        blur = max(soft * self.height, 0.5)
        rows, columns = self._around(places, round(3 * blur))
        inside = cv2.GaussianBlur(self._inside(places, rows, columns), (0, 0), blur).astype(np.float32)
        self._multiply(rows, columns, (1.0 - inside * (strength / 255)).astype(np.float32))

    def grain(self, places: Sequence[Place], strength: float, size: float, flat: float = 1.0) -> None:
        """Uneven brightness, as grass or asphalt has: spots of ``size`` (share of the height)."""
        rows, columns = self._around(places, 0)
        tall, wide = rows.stop - rows.start, columns.stop - columns.start
        spots = (max(round(tall / self.height / (size * flat)), 2), max(round(wide / self.height / size), 2))
        coarse = self._dice.normal(0, 1, spots).astype(np.float32)
        noise = cv2.resize(coarse, (wide, tall), interpolation=cv2.INTER_CUBIC).astype(np.float32)
        inside = self._inside(places, rows, columns).astype(np.float32)
        self._multiply(rows, columns, (1.0 + noise * inside * (strength / 255)).astype(np.float32))

    def _multiply(self, rows: slice, columns: slice, light: NDArray[np.float32]) -> None:
        part = self.canvas[rows, columns]
        part[:] = np.clip(part * light[:, :, None], 0, 255)

    def _around(self, places: Sequence[Place], margin: int) -> tuple[slice, slice]:
        """The rows and columns of the canvas that hold ``places`` and ``margin`` pixels more."""
        x = [place[0] * self.width for place in places]
        y = [place[1] * self.height for place in places]
        rows = slice(max(int(min(y)) - margin, 0), min(int(max(y)) + margin + 2, self.height))
        return rows, slice(max(int(min(x)) - margin, 0), min(int(max(x)) + margin + 2, self.width))

    def _inside(self, places: Sequence[Place], rows: slice, columns: slice) -> U8:
        """255 inside the polygon, for that part of the canvas."""
        inside = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
        corner = np.array([columns.start, rows.start], np.int32) * (1 << _SHIFT)
        cv2.fillPoly(inside, [self._fixed(places) - corner], 255, cv2.LINE_AA, _SHIFT)
        return inside

    def _px(self, share: float) -> int:
        return max(1, round(share * self.height))

    def _fixed(self, places: Sequence[Place]) -> NDArray[np.int32]:
        scale = np.array([self.width, self.height], np.float32) * (1 << _SHIFT)
        return (np.array(places, np.float32) * scale).round().astype(np.int32)
