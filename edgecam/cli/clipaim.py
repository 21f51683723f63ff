"""The aim of the camera that made a video, guarded as the recorder guards its own; nobody confirmed it, so what the
video's first seconds show is taken to be right."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import numpy as np

from edgecam.cli.clip import Clip
from edgecam.core.aim import NO_AIM, AimReading
from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import BadInput
from edgecam.core.frames import MaskedFrame
from edgecam.core.picture import Picture
from edgecam.masking.aimguard import AimGuard
from edgecam.masking.aimreference import take_aim_reference
from edgecam.masking.fill import FILL_U, FILL_V, FILL_Y
from edgecam.masking.geometry import CELL, Cells, pixels_of

LOOKS_PER_S = 5.0
_REFERENCE_S = 4.0
# What a codec makes of the fill.
_FILL_WITHIN = 2


class ClipAim:
    """Reads the aim from look after look; a view that cannot be guarded (bare, tiny, too short) is unguarded."""

    def __init__(self, looks: Sequence[Picture]) -> None:
        """``looks`` are small pictures of one size, five a second, that show the camera at rest; at least one."""
        self._covered = np.logical_and.reduce([_filled_cells(look) for look in looks])
        first = looks[0]
        self._seen = ~pixels_of(self._covered, first.width, first.height)
        self._guard: AimGuard | None = None
        with suppress(BadInput):
            self._guard = AimGuard(take_aim_reference([look.y for look in looks], self._covered, bytes(32)))

    @classmethod
    def of(cls, clip: Clip) -> ClipAim:
        """Plays the first seconds of ``clip``. Raises: as `Clip.play`."""
        return cls(_first_seconds(clip))

    @property
    def guarded(self) -> bool:
        return self._guard is not None

    def look(self, small: Picture, mono_ns: int) -> AimReading:
        """The aim in one more small picture."""
        if self._guard is None:
            return NO_AIM
        aim = self._guard.look(small.y, self._covered, mono_ns)
        seen = small.y[self._seen]
        return aim.reading(float(seen.mean()) if seen.size else 0.0, float(seen.std()) if seen.size else 0.0)


def _first_seconds(clip: Clip) -> list[Picture]:
    looks: list[Picture] = []
    over = False

    def take(frame: MaskedFrame) -> None:
        nonlocal over
        over = frame.captured_mono_ns > _REFERENCE_S * NS_PER_S
        if frame.small is not None and not over:
            looks.append(Picture(frame.small.width, frame.small.height, frame.small.buffer.copy()))

    clip.play(take, LOOKS_PER_S, lambda: over)
    return looks


def _filled_cells(small: Picture) -> Cells:
    """The cells of ``small`` that are wholly of the fill's colour."""
    filled = np.abs(small.y.astype(np.int16) - FILL_Y) <= _FILL_WITHIN
    for plane, fill in ((small.u, FILL_U), (small.v, FILL_V)):
        grey = np.abs(plane.astype(np.int16) - fill) <= _FILL_WITHIN
        filled &= grey.repeat(2, 0).repeat(2, 1)[: small.height, : small.width]
    rows, columns = -(-small.height // CELL), -(-small.width // CELL)
    whole = np.ones((rows * CELL, columns * CELL), np.bool_)
    whole[: small.height, : small.width] = filled
    return np.asarray(whole.reshape(rows, CELL, columns, CELL).all(axis=(1, 3)), np.bool_)
