"""The only maker of `MaskedFrame`: fills what is masked in luma and both chroma planes, before anything sees it."""

from __future__ import annotations

import logging

from edgecam.core.aim import UNCONFIRMED_AIM, AimReading, AimState
from edgecam.core.frames import MaskedFrame, RawFrame
from edgecam.core.picture import Picture
from edgecam.core.status import Fault
from edgecam.masking.aiming import UNGUARDED, Aiming
from edgecam.masking.fill import Fill, fill_wholly
from edgecam.masking.geometry import Cells
from edgecam.masking.maskset import MaskSet
from edgecam.masking.realignment import is_near, realigned
from edgecam.masking.shrink import shrink

NO_MASKS = bytes(32)
_log = logging.getLogger(__name__)


class Burner:
    """Burns one mask set into frames of one size; without a mask set the whole frame is fill.

    Fails closed: whatever goes wrong while burning, the frame that comes out is wholly fill and marked private,
    and ``fault`` says so; a mask set that was drawn on a picture of another shape is none. So is every frame of a
    view that ``aiming`` does not trust. Used by one thread; ``aim`` and ``private`` are of the newest frame.
    """

    def __init__(
        self,
        masks: MaskSet | None,
        size: tuple[int, int],
        small_size: tuple[int, int],
        rotation: int = 0,
        *,
        aiming: Aiming = UNGUARDED,
        drift: AimReading | None = None,
    ) -> None:
        """``size`` and ``small_size`` are (width, height) in pixels, after ``rotation`` in degrees clockwise.

        With a ``drift`` the masks follow the scene as it went then.
        """
        self.fault: Fault | None = None
        self.drift = drift
        self.aim, self.private = UNCONFIRMED_AIM, True
        self._aiming = aiming
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
        private, aim = self._private, UNCONFIRMED_AIM
        small: Picture | None = raw.small
        if want_small and small is None:
            small = self._small_picture
        if not private:
            try:
                self._burn(raw, small)
                aim = self._aim(raw.captured_mono_ns, small if want_small else None)
                private = not self._covers(aim)
            except Exception:  # noqa: BLE001 - fails closed: whatever broke, no pixel of this frame may live
                private = True
                self.fault = Fault("mask_burning", "A frame could not be masked and was recorded wholly masked.")
                _log.exception("burning failed; the frame is wholly masked")
        if private:
            fill_wholly(raw.picture)
            if small is not None:
                fill_wholly(small)
        self.aim, self.private = aim, private
        return MaskedFrame(
            full=raw.picture,
            small=small,
            captured_mono_ns=raw.captured_mono_ns,
            sequence=raw.sequence,
            mask_hash=NO_MASKS if private else self._mask_hash,
            private=private,
            release=raw.release,
            aim=aim,
        )

    def _aim(self, captured_mono_ns: int, small: Picture | None) -> AimReading:
        """What is known of the aim at this frame, which is looked at if it has a small picture."""
        if small is None:
            return self._aiming.reading_at(captured_mono_ns)
        return self._aiming.look(small.y, self._small_cells, captured_mono_ns)

    def _covers(self, aim: AimReading) -> bool:
        """Whether what is burnt lies over what it was drawn over."""
        if aim.state in (AimState.STEADY, AimState.UNGUARDED):
            return True
        follows = aim.state is AimState.DRIFTED and self.drift is not None
        return follows and is_near(self.drift or aim, aim, self._size[1] / self._size[0])

    def _cells(self, masks: MaskSet, size: tuple[int, int]) -> Cells:
        cells = masks.drawing.covered(*size)
        return realigned(cells, self.drift, *size) if self.drift else cells

    def _prepare(self, masks: MaskSet, rotation: int) -> None:
        if not masks.drawing.is_of(*self._size, rotation):
            self.fault = _of_another_picture(masks, self._size, rotation)
            return
        self._mask_hash = masks.mask_hash
        self._small_cells = self._cells(masks, self._small_size)
        self._full = Fill(self._cells(masks, self._size), *self._size)
        self._small = Fill(self._small_cells, *self._small_size)
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
            shrink(raw.picture, small)
        self._small.burn_into(small)


def _of_another_picture(masks: MaskSet, size: tuple[int, int], rotation: int) -> Fault:
    drawn_on = masks.drawing.picture
    assert drawn_on is not None
    return Fault(
        "masks",
        f"The masks were drawn on a picture of {drawn_on.width}x{drawn_on.height}, turned by {drawn_on.rotation} "
        f"degrees, and this one is {size[0]}x{size[1]}, turned by {rotation}: the whole picture is masked "
        "until they are drawn anew.",
    )
