"""The edge field of a look: which way the scene's edges run, everywhere but at masks; it stays when light changes.

A field is complex64 ``(height, width)``, 160 pixels on its longer side: in each pixel a number whose angle is
*twice* the angle of the brightness gradient (an edge that turns from dark-bright to bright-dark, as leaves do under
an infrared lamp, keeps it) and whose size runs from 0 (no edge) to 1. It is 0 under a mask, beside a mask and at
the picture's border: those edges belong to the camera, not to the scene, and would stay where they are when it
turns.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edgecam.core.errors import BadInput
from edgecam.core.picture import U8
from edgecam.masking.geometry import CELL, pixels_of

C64 = NDArray[np.complex64]
F32 = NDArray[np.float32]
Covered = NDArray[np.bool_]

LONG_SIDE: Final = 160
# Field pixels beside a mask that its edge reaches: one by shrinking, one by the gradient, and one for a border that
# was rounded.
_BESIDE: Final = 3
_BORDER: Final = 2
# Looks whose gradients are added up: noise averages out, and of a view that is gone nothing is left after 0.8 s.
_TOGETHER: Final = 4
# Levels a pixel; weaker gradients are noise.
_NOISE_FLOOR: Final = 2.0


def field_size(width: int, height: int) -> tuple[int, int]:
    """The (width, height) of the field of pictures of that size. Raises: BadInput when they are too small."""
    if min(width, height) < 64 or max(width, height) < LONG_SIDE or max(width, height) > 4 * min(width, height):
        raise BadInput(f"the aim cannot be guarded on a picture of {width}x{height} pixels")
    scale = LONG_SIDE / max(width, height)
    return round(width * scale), round(height * scale)


class EdgeField:
    """Makes the field of look after look, from the newest four. Memory is fixed; used by one thread."""

    def __init__(self, width: int, height: int) -> None:
        """``width`` and ``height`` are the pictures'. Raises: BadInput when they are too small."""
        self.size = field_size(width, height)
        self._picture_shape = (height, width)
        shape = (self.size[1], self.size[0])
        self.values: C64 = np.zeros(shape, np.complex64)
        self.seen: F32 = np.zeros(shape, np.float32)
        self._covered: Covered | None = None
        self._small: U8 = np.empty(shape, np.uint8)
        # Whole numbers, so that adding and taking away again leaves nothing behind.
        self._gradients = np.zeros((_TOGETHER, 2, *shape), np.int16)
        self._sums = np.zeros((2, *shape), np.int16)
        self._across, self._down, self._size = (np.zeros(shape, np.float32) for _ in range(3))
        self._square_across, self._square_down, self._softened = (np.zeros(shape, np.float32) for _ in range(3))
        self._looks = 0

    def forget(self) -> None:
        """Begin anew with the next look."""
        self._looks = 0
        self._gradients[:] = 0
        self._sums[:] = 0

    def take(self, luma: U8, covered: Covered) -> C64:
        """The field after one more look; the array given is used again by the next one.

        ``luma`` is the masked picture; ``covered`` says what is masked: bool, for each pixel or for each 8x8 cell.
        """
        if covered is not self._covered:
            self._see_around(covered)
        cv2.resize(luma, self.size, dst=self._small, interpolation=cv2.INTER_AREA)
        newest = self._gradients[self._looks % _TOGETHER]
        self._looks += 1
        self._sums -= newest
        for plane, (dx, dy) in zip(newest, ((1, 0), (0, 1)), strict=True):
            cv2.Sobel(self._small, cv2.CV_16S, dx, dy, dst=plane)
        self._sums += newest
        # A Sobel kernel's weights add up to 4 on either side.
        scale = np.float32(0.25 / min(self._looks, _TOGETHER))
        np.multiply(self._sums[0], scale, out=self._across)
        np.multiply(self._sums[1], scale, out=self._down)
        return self._orient()

    def _orient(self) -> C64:
        """``m² / (|m|² + e²)`` of the mean gradient ``m``: the angle doubled, the size levelled at ``e``."""
        np.multiply(self._across, self._across, out=self._square_across)
        np.multiply(self._down, self._down, out=self._square_down)
        softened = np.add(self._square_across, self._square_down, out=self._softened)
        size = np.sqrt(softened, out=self._size)
        usual = float(np.vdot(size, self.seen)) / max(float(self.seen.sum()), 1.0)
        softened += max(_NOISE_FLOOR, usual) ** 2
        np.divide(self.seen, softened, out=softened)
        self._square_across -= self._square_down
        np.multiply(self._square_across, softened, out=self.values.real)
        np.multiply(self._across, self._down, out=self._square_down)
        self._square_down *= 2.0
        np.multiply(self._square_down, softened, out=self.values.imag)
        return self.values

    def _see_around(self, covered: Covered) -> None:
        """Learn where the scene is seen."""
        self._covered = covered
        height, width = self._picture_shape
        cells = covered.shape == (-(-height // CELL), -(-width // CELL))
        pixels = pixels_of(covered, width, height) if cells else covered
        if pixels.shape != self._picture_shape:
            raise BadInput(f"a mask of shape {covered.shape} does not fit a picture of {width}x{height} pixels")
        touched = cv2.resize(pixels.astype(np.float32), self.size, interpolation=cv2.INTER_AREA) > 0
        around = np.ones((2 * _BESIDE + 1, 2 * _BESIDE + 1), np.uint8)
        self.seen = (1 - cv2.dilate(touched.astype(np.uint8), around)).astype(np.float32)
        self.seen[:_BORDER] = self.seen[-_BORDER:] = 0
        self.seen[:, :_BORDER] = self.seen[:, -_BORDER:] = 0
