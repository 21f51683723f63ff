"""Whether decoded frames show nothing but fill where a mask set covers them, as far as a codec lets anybody tell.

A codec smears at the edge of a mask. Only macroblocks (16x16 luma pixels) that are wholly covered are looked at,
less the `REACH` pixels at their edges that smoothing between macroblocks changes; the edge of the picture is none.
There every sample has to be the fill within `TOLERANCE_Y` and `TOLERANCE_UV`: how they were measured is in
``docs/design/masks.md``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgecam.core.picture import U8
from edgecam.masking.fill import FILL_U, FILL_V, FILL_Y
from edgecam.masking.geometry import CELL, pixels_of
from edgecam.masking.maskset import MaskSet

TOLERANCE_Y, TOLERANCE_UV = 28, 16
_MACROBLOCK_CELLS = 16 // CELL
# Pixels of luma; a multiple of two, so that chroma samples lie wholly inside or outside.
REACH = 4
Area = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Deviation:
    """The farthest that any sample is from the fill: in luma, and in the two chroma planes."""

    y: int = 0
    u: int = 0
    v: int = 0

    @property
    def holds(self) -> bool:
        """Whether the codec explains it."""
        return self.y <= TOLERANCE_Y and max(self.u, self.v) <= TOLERANCE_UV

    def worst(self, other: Deviation) -> Deviation:
        """The farther of each."""
        return Deviation(max(self.y, other.y), max(self.u, other.u), max(self.v, other.v))


class FillProof:
    """Looks at frames of one size, all burnt with one mask set; with ``None`` they are private, wholly fill."""

    def __init__(self, masks: MaskSet | None, width: int, height: int) -> None:
        """``width`` and ``height`` in luma pixels, both even."""
        covered = np.ones((height, width), np.bool_) if masks is None else _covered(masks, width, height)
        self._luma = covered if masks is None else _interior(covered)
        self._chroma = self._luma[::2, ::2]
        # Parts of the whole picture: what is covered, and what of it is looked at.
        self.covered_part = float(covered.mean())
        self.checked_part = float(self._luma.mean())

    def look(self, y: U8, u: U8, v: U8) -> Deviation:
        """How far one decoded frame is from the fill: planes of 4:2:0, uint8."""
        return Deviation(
            _farthest(y[self._luma], FILL_Y),
            _farthest(u[self._chroma], FILL_U),
            _farthest(v[self._chroma], FILL_V),
        )


def _covered(masks: MaskSet, width: int, height: int) -> Area:
    return pixels_of(masks.drawing.covered(width, height), width, height)


def _interior(covered: Area) -> Area:
    """Whole macroblocks of ``covered``, less `REACH` at their edges. Beyond the picture counts as covered."""
    height, width = covered.shape
    side = _MACROBLOCK_CELLS * CELL
    rows, columns = -(-height // side), -(-width // side)
    padded = np.ones((rows * side, columns * side), np.bool_)
    padded[:height, :width] = covered
    whole = padded.reshape(rows, side, columns, side).all(axis=(1, 3))
    area = np.repeat(np.repeat(whole, side, axis=0), side, axis=1)
    return _shrunk(_shrunk(area, 0), 1)[:height, :width]


def _shrunk(area: Area, axis: int) -> Area:
    """``area`` less `REACH` pixels at each edge along ``axis``; the edge of the array is none."""
    found = area.copy()
    length = area.shape[axis]
    for step in range(1, REACH + 1):
        ahead, behind = np.arange(length) + step, np.arange(length) - step
        found &= area.take(ahead.clip(max=length - 1), axis) & area.take(behind.clip(min=0), axis)
    return found


def _farthest(samples: U8, fill: int) -> int:
    return max(int(samples.max()) - fill, fill - int(samples.min())) if samples.size else 0
