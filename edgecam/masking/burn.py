"""The only maker of `MaskedFrame`: fills what is masked in luma and both chroma planes, before anything sees it."""

from __future__ import annotations

import logging

import numpy as np

from edgecam.core.frames import MaskedFrame, RawFrame
from edgecam.core.picture import U8, LentPicture, Picture
from edgecam.core.status import Fault
from edgecam.masking.geometry import Rectangle, rectangles
from edgecam.masking.maskset import MaskSet

FILL_Y, FILL_U, FILL_V = 32, 128, 128
# Both chroma planes lie in one piece and are filled in one go.
_FILL_CHROMA = FILL_U
assert FILL_U == FILL_V
NO_MASKS = bytes(32)
# More pictures than any source lends; only a source that breaks its pool's bound would make it start anew.
_MOST_KNOWN = 64
_log = logging.getLogger(__name__)


class Burner:
    """Burns one mask set into frames of one size; without a mask set the whole frame is fill.

    Fails closed: whatever goes wrong while burning, the frame that comes out is wholly fill and marked private,
    and ``fault`` says so; a mask set that was drawn on a picture of another shape is none. Used by one thread.
    """

    def __init__(
        self, masks: MaskSet | None, size: tuple[int, int], small_size: tuple[int, int], rotation: int = 0
    ) -> None:
        """``size`` and ``small_size`` are (width, height) in pixels, after ``rotation`` in degrees clockwise."""
        self.fault: Fault | None = None
        self._size, self._small_size = size, small_size
        self._small_picture = Picture(*small_size)
        self._private = True
        if masks is not None:
            try:
                self._prepare(masks, rotation)
            except Exception:  # noqa: BLE001 - fails closed: whatever broke, the picture stays wholly masked
                self.fault = Fault("mask_burning", "The masks could not be prepared: the whole picture is masked.")
                _log.exception("the masks could not be prepared; every frame is wholly masked")

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
            _fill_wholly(raw.picture)
            if small is not None:
                _fill_wholly(small)
        return MaskedFrame(
            full=raw.picture,
            small=small,
            captured_mono_ns=raw.captured_mono_ns,
            sequence=raw.sequence,
            mask_hash=NO_MASKS if private else self._mask_hash,
            private=private,
            release=raw.release,
        )

    def _prepare(self, masks: MaskSet, rotation: int) -> None:
        if not masks.drawing.is_of(*self._size, rotation):
            self.fault = _of_another_picture(masks, self._size, rotation)
            return
        self._mask_hash = masks.mask_hash
        self._full = _Fill(rectangles(masks.drawing.covered(*self._size), *self._size))
        self._small = _Fill(rectangles(masks.drawing.covered(*self._small_size), *self._small_size))
        self._small.keep(self._small_picture)
        self._private = False

    def _burn(self, raw: RawFrame, small: Picture | None) -> None:
        if (raw.picture.width, raw.picture.height) != self._size:
            raise ValueError(f"masks are for {self._size}, the frame is {raw.picture.width}x{raw.picture.height}")
        self._full.burn_into(raw.picture)
        if small is None:
            return
        if (small.width, small.height) != self._small_size:
            raise ValueError(f"masks are for {self._small_size}, the small frame is {small.width}x{small.height}")
        if small is self._small_picture:
            _shrink(raw.picture, small)
        self._small.burn_into(small)


def small_size_for(width: int, height: int, wanted_width: int = 640) -> tuple[int, int]:
    """The small picture's (width, height): the same shape, at most ``wanted_width`` wide, both even."""
    small_width = min(wanted_width, width) // 2 * 2
    return small_width, max(2, round(height * small_width / width / 2) * 2)


def _shrink(picture: Picture, small: Picture) -> None:
    """Bilinear samples of ``picture``; of a 1080p one every third pixel of every third row."""
    for source, target in ((picture.y, small.y), (picture.u, small.u), (picture.v, small.v)):
        step = source.shape[1] // target.shape[1]
        if step % 2 and source.shape == (target.shape[0] * step, target.shape[1] * step):
            # At an odd whole factor the samples lie on pixels: the same values in a third of OpenCV's time.
            np.copyto(target, source[step // 2 :: step, step // 2 :: step])
        else:
            # Only here: 16 MB that the recorder of a 1080p camera need not carry.
            import cv2

            cv2.resize(source, (target.shape[1], target.shape[0]), dst=target, interpolation=cv2.INTER_LINEAR)


class _Fill:
    """Fills the same areas of picture after picture.

    Slicing costs more than filling, so the slices of pictures that come again and again are kept: those of a pool
    by themselves, others by `keep`.
    """

    def __init__(self, areas: tuple[Rectangle, ...]) -> None:
        self._areas = areas
        self._known: dict[int, tuple[Picture, _Slices]] = {}

    def burn_into(self, picture: Picture) -> None:
        luma, chroma = self._slices(picture)
        for part in luma:
            part.fill(FILL_Y)
        for part in chroma:
            part.fill(_FILL_CHROMA)

    def _slices(self, picture: Picture) -> _Slices:
        known = self._known.get(id(picture))
        if known is not None:
            return known[1]
        return self.keep(picture) if isinstance(picture, LentPicture) else _slices(picture, self._areas)

    def keep(self, picture: Picture) -> _Slices:
        """Remember ``picture``, which will come again, and give its slices."""
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        slices = _slices(picture, self._areas)
        # Holding the picture keeps its id from being given to another one.
        self._known[id(picture)] = (picture, slices)
        return slices


_Slices = tuple[list[U8], list[U8]]


def _slices(picture: Picture, areas: tuple[Rectangle, ...]) -> _Slices:
    """Views of ``areas``: of luma, and of both chroma planes together."""
    chroma = picture.buffer[picture.y.size :].reshape(2, *picture.u.shape)
    return (
        [picture.y[area.y0 : area.y1, area.x0 : area.x1] for area in areas],
        [chroma[:, area.y0 // 2 : (area.y1 + 1) // 2, area.x0 // 2 : (area.x1 + 1) // 2] for area in areas],
    )


def _fill_wholly(picture: Picture) -> None:
    picture.y.fill(FILL_Y)
    picture.buffer[picture.y.size :].fill(_FILL_CHROMA)


def _of_another_picture(masks: MaskSet, size: tuple[int, int], rotation: int) -> Fault:
    drawn_on = masks.drawing.picture
    assert drawn_on is not None
    return Fault(
        "masks",
        f"The masks were drawn on a picture of {drawn_on.width}x{drawn_on.height}, turned by {drawn_on.rotation} "
        f"degrees, and this one is {size[0]}x{size[1]}, turned by {rotation}: the whole picture is masked "
        "until they are drawn anew.",
    )
