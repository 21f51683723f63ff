"""Two backgrounds of one camera, a quick and a slow one: what differs between them and is still came to stay.

The idea of a short-term and a long-term background is from F. Porikli, "Detection of temporarily static regions by
processing video at different frame rates" (2007). Here the long one is not learned where it is contradicted, so
that a thing put down stays visible for as long as somebody asks for it.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edgecam.analysis.smoothing import newest_share
from edgecam.core.picture import U8

F32 = NDArray[np.float32]

_SHORT_TAU_S: Final = 0.7
_LONG_TAU_S: Final = 20.0
_DOUBTED_TAU_S: Final = 150.0
_RESTLESS_TAU_S: Final = 20.0
_RESTLESS_CAP: Final = 24.0
_LEAST_DIFFERENCE: Final = 11.0
_RESTLESS_WEIGHT: Final = 3.0
_CALM_DIFFERENCE: Final = 8.0
_CALM_WEIGHT: Final = 2.0
_LIGHT_SHARE: Final = 0.4
_YOUNG_S: Final = 4.0


class TwoBackgrounds:
    """Learns from the luma at about 320 pixels width. Memory is fixed; nothing is allocated from look to look
    but a few rows for the light.

    ``now`` is the smoothed picture, ``short`` and ``long`` the backgrounds (float32, grey levels), ``differs`` 255
    where they contradict each other, ``still_s`` for how long a pixel has differed without stirring, ``known_s``
    for how long the long background has been seen there, both in seconds; ``gain`` is how much brighter the last
    look was than the one before, ``relit`` whether so much changed at once that all was learned anew.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        """``shape`` is height and width of the luma in pixels."""
        self.now: F32 = np.zeros(shape, np.float32)
        self.short: F32 = np.zeros(shape, np.float32)
        self.long: F32 = np.zeros(shape, np.float32)
        self.still_s: F32 = np.zeros(shape, np.float32)
        self.known_s: F32 = np.zeros(shape, np.float32)
        self.differs: U8 = np.zeros(shape, np.uint8)
        self.gain = 1.0
        self.relit = False
        self._restless: F32 = np.zeros(shape, np.float32)
        self._step: F32 = np.empty(shape, np.float32)
        self._bound: F32 = np.empty(shape, np.float32)
        self._calm: U8 = np.zeros(shape, np.uint8)
        self._mask: U8 = np.zeros(shape, np.uint8)
        self._open = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
        self._learned_s = -1.0

    def forget(self) -> None:
        """Learn anew from the next look."""
        self._learned_s = -1.0
        for plane in (self.still_s, self.known_s, self.differs):
            plane[:] = 0

    def observe(self, luma: U8, elapsed_s: float) -> None:
        """Take in one look, ``elapsed_s`` after the one before."""
        np.copyto(self.now, luma)
        cv2.blur(self.now, (3, 3), dst=self.now)
        self.relit, self.gain = False, 1.0
        if self._learned_s < 0:
            self._begin()
            return
        self._learned_s += elapsed_s
        self._light()
        self._compare(elapsed_s)
        if cv2.countNonZero(self.differs) > _LIGHT_SHARE * self.differs.size:
            learned_s = self._learned_s
            self._begin()
            self._learned_s, self.relit = min(learned_s, _YOUNG_S), True
            return
        self._count(elapsed_s)
        self._learn(elapsed_s)

    def absorb(self, mask: U8, x: int, y: int) -> None:
        """Take what is to be seen under ``mask`` (``(h, w)``, its corner at ``x``, ``y``) for the scene itself."""
        part = (slice(y, y + mask.shape[0]), slice(x, x + mask.shape[1]))
        under = mask > 0
        self.long[part][under] = self.short[part][under]
        self.known_s[part][under] = 0
        self.still_s[part][under] = 0
        self.differs[part][under] = 0

    def _begin(self) -> None:
        np.copyto(self.short, self.now)
        np.copyto(self.long, self.now)
        self._restless[:] = 1.0
        self.still_s[:] = 0
        self.known_s[:] = 0
        self.differs[:] = 0
        self._learned_s = 0.0

    def _light(self) -> None:
        """Bring both backgrounds to the light of the moment by one gain, the median ratio where nothing differs."""
        now, long = self.now[3::8, 3::8], self.long[3::8, 3::8]
        usable = (self.differs[3::8, 3::8] == 0) & (long > 16) & (long < 235) & (now < 245)
        if np.count_nonzero(usable) < 40:
            return
        gain = min(max(float(np.median(now[usable] / long[usable])), 0.5), 2.0)
        if abs(gain - 1) > 0.01:
            self.gain = gain
            for plane in (self.long, self.short):
                np.multiply(plane, gain, out=plane)
                np.minimum(plane, 255.0, out=plane)

    def _compare(self, elapsed_s: float) -> None:
        cv2.absdiff(self.now, self.short, dst=self._step)
        np.multiply(self._restless, _CALM_WEIGHT, out=self._bound)
        np.add(self._bound, _CALM_DIFFERENCE, out=self._bound)
        cv2.compare(self._step, self._bound, cv2.CMP_LE, dst=self._calm)
        np.minimum(self._step, _RESTLESS_CAP, out=self._step)
        restless_s = min(_RESTLESS_TAU_S, max(2.0, self._learned_s))
        cv2.accumulateWeighted(self._step, self._restless, newest_share(elapsed_s, restless_s))
        cv2.accumulateWeighted(self.now, self.short, newest_share(elapsed_s, _SHORT_TAU_S))
        np.multiply(self._restless, _RESTLESS_WEIGHT, out=self._bound)
        np.add(self._bound, _LEAST_DIFFERENCE, out=self._bound)
        cv2.absdiff(self.short, self.long, dst=self._step)
        cv2.compare(self._step, self._bound, cv2.CMP_GT, dst=self.differs)
        cv2.morphologyEx(self.differs, cv2.MORPH_OPEN, self._open, dst=self.differs)

    def _count(self, elapsed_s: float) -> None:
        """Still where it differs and is calm; known where it does not differ and is calm."""
        cv2.bitwise_and(self.differs, self._calm, dst=self._mask)
        self._bound[:] = elapsed_s
        cv2.add(self.still_s, self._bound, dst=self.still_s, mask=self._mask)
        cv2.bitwise_not(self._mask, dst=self._mask)
        cv2.subtract(self.still_s, self.still_s, dst=self.still_s, mask=self._mask)
        cv2.bitwise_not(self.differs, dst=self._mask)
        cv2.bitwise_and(self._mask, self._calm, dst=self._mask)
        cv2.add(self.known_s, self._bound, dst=self.known_s, mask=self._mask)

    def _learn(self, elapsed_s: float) -> None:
        # The mask is still: does not differ, and calm.
        long_s = min(_LONG_TAU_S, max(self._learned_s, 0.3))
        cv2.accumulateWeighted(self.now, self.long, newest_share(elapsed_s, long_s), mask=self._mask)
        young = self._learned_s < _YOUNG_S
        if not young:
            # What differs and holds still is kept apart until `absorb`; only what always stirs seeps in.
            cv2.bitwise_or(self._mask, self._calm, dst=self._mask)
        cv2.bitwise_not(self._mask, dst=self._mask)
        if cv2.countNonZero(self._mask):
            # What was learned in the first seconds may have been somebody who stood there.
            doubted_s = 2.0 if young else _DOUBTED_TAU_S
            cv2.accumulateWeighted(self.now, self.long, newest_share(elapsed_s, doubted_s), mask=self._mask)
