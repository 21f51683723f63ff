"""The only maker of `MaskedFrame`: fills what is masked in luma and both chroma planes, before anything sees it."""

from __future__ import annotations

import logging

import cv2

from edgecam.core.frames import MaskedFrame, RawFrame
from edgecam.core.picture import Picture
from edgecam.core.status import Fault
from edgecam.masking.geometry import Rectangle, covered_cells, rectangles
from edgecam.masking.maskset import MaskSet

FILL_Y, FILL_U, FILL_V = 32, 128, 128
NO_MASKS = bytes(32)
_log = logging.getLogger(__name__)


class Burner:
    """Burns one mask set into frames of one size; without a mask set the whole frame is fill.

    Fails closed: whatever goes wrong while burning, the frame that comes out is wholly fill and marked private,
    and ``fault`` says so. Used by one thread.
    """

    def __init__(self, masks: MaskSet | None, size: tuple[int, int], small_size: tuple[int, int]) -> None:
        """``size`` and ``small_size`` are (width, height) in pixels."""
        self._private = masks is None
        self._mask_hash = masks.mask_hash if masks else NO_MASKS
        self._full = _rectangles(masks, size)
        self._small = _rectangles(masks, small_size)
        self._small_picture = Picture(*small_size)
        self._size, self._small_size = size, small_size
        self.fault: Fault | None = None

    def burn(self, raw: RawFrame, want_small: bool) -> MaskedFrame:
        """Mask ``raw`` in place; the small picture is made on demand, or taken from a camera that brings one."""
        private = self._private
        small: Picture | None = raw.small
        if want_small and small is None:
            small = self._small_picture
        if not private:
            try:
                self._burn(raw, small)
            except Exception:  # noqa: BLE001 - fails closed: whatever broke, no pixel of this frame may live
                private = True
                self.fault = Fault("mask_burning", "A frame could not be masked and was recorded wholly masked.")
                _log.exception("burning failed; the frame is wholly masked")
        if private:
            _fill(raw.picture, _whole(raw.picture))
            if small is not None:
                _fill(small, _whole(small))
        return MaskedFrame(
            full=raw.picture,
            small=small,
            captured_mono_ns=raw.captured_mono_ns,
            sequence=raw.sequence,
            mask_hash=NO_MASKS if private else self._mask_hash,
            private=private,
            release=raw.release,
        )

    def _burn(self, raw: RawFrame, small: Picture | None) -> None:
        if (raw.picture.width, raw.picture.height) != self._size:
            raise ValueError(f"masks are for {self._size}, the frame is {raw.picture.width}x{raw.picture.height}")
        _fill(raw.picture, self._full)
        if small is None:
            return
        if (small.width, small.height) != self._small_size:
            raise ValueError(f"masks are for {self._small_size}, the small frame is {small.width}x{small.height}")
        if small is self._small_picture:
            _shrink(raw.picture, small)
        _fill(small, self._small)


def small_size_for(width: int, height: int, wanted_width: int = 640) -> tuple[int, int]:
    """The small picture's (width, height): the same shape, at most ``wanted_width`` wide, both even."""
    small_width = min(wanted_width, width) // 2 * 2
    return small_width, max(2, round(height * small_width / width / 2) * 2)


def _shrink(picture: Picture, small: Picture) -> None:
    for source, target in ((picture.y, small.y), (picture.u, small.u), (picture.v, small.v)):
        cv2.resize(source, (target.shape[1], target.shape[0]), dst=target, interpolation=cv2.INTER_LINEAR)


def _fill(picture: Picture, areas: tuple[Rectangle, ...]) -> None:
    y, u, v = picture.y, picture.u, picture.v
    for area in areas:
        y[area.y0 : area.y1, area.x0 : area.x1] = FILL_Y
        rows, columns = slice(area.y0 // 2, (area.y1 + 1) // 2), slice(area.x0 // 2, (area.x1 + 1) // 2)
        u[rows, columns] = FILL_U
        v[rows, columns] = FILL_V


def _rectangles(masks: MaskSet | None, size: tuple[int, int]) -> tuple[Rectangle, ...]:
    if masks is None:
        return (Rectangle(0, 0, *size),)
    return rectangles(covered_cells(masks.polygons(), *size), *size)


def _whole(picture: Picture) -> tuple[Rectangle, ...]:
    return (Rectangle(0, 0, picture.width, picture.height),)
