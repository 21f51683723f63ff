"""Where a view went that is no longer near home: the whole field is looked for in the whole reference at once.

Used only while the scene is lost, to tell direction and size; shifts alone, up to half of the picture. Tempered
phase correlation as in `aimmatch`, of the whole field. A find counts when it stands far above chance and the next
look finds it in the same place; a find within the reach of `aimmatch`, which knew nothing of it, does not count.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from edgecam.masking.aimfield import C64
from edgecam.masking.aimmatch import REACH, Similarity

_LEVELLED: Final = 0.3
_LEAST_PEAK: Final = 9.0
_SAME_PIXELS: Final = 2


class AimSearch:
    """Looks for one reference field. Used by one thread."""

    def __init__(self, reference: C64) -> None:
        height, width = reference.shape
        self._size = (width, height)
        self._padded = np.zeros((height * 3 // 2, width * 3 // 2), np.complex64)
        self._padded[:height, :width] = reference
        spectrum = np.conj(np.fft.fft2(self._padded))
        strength = np.abs(spectrum)
        usual = float(strength.mean()) + 1e-6
        self._spectrum: C64 = (spectrum / (strength + _LEVELLED * usual)).astype(np.complex64)
        self._before: tuple[int, int] | None = None

    def forget(self) -> None:
        """The next find is the first one."""
        self._before = None

    def find(self, field: C64) -> Similarity | None:
        """The shift of ``field``, once two looks in a row found the same one."""
        width, height = self._size
        self._padded[:] = 0
        self._padded[:height, :width] = field
        likeness = np.fft.ifft2(np.fft.fft2(self._padded) * self._spectrum).real
        down, right = (int(at) for at in np.unravel_index(int(likeness.argmax()), likeness.shape))
        peak = (float(likeness[down, right]) - float(likeness.mean())) / max(float(likeness.std()), 1e-9)
        rows, columns = likeness.shape
        # Shifts beyond half of the picture wrap around to the other sign.
        found = (
            right - columns if right > width * 3 // 4 else right,
            down - rows if down > height * 3 // 4 else down,
        )
        before, self._before = self._before, found if peak > _LEAST_PEAK else None
        if before is None or self._before is None or max(abs(found[0]), abs(found[1])) <= REACH:
            return None
        if max(abs(found[0] - before[0]), abs(found[1] - before[1])) > _SAME_PIXELS:
            return None
        return Similarity(found[0] / width, found[1] / width, 0.0, 1.0)
