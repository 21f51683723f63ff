"""Whether the camera looks elsewhere than before: the scene's edges are all there, in other places.

The shift is found by phase correlation (C. D. Kuglin and D. C. Hines, 1975) on the edge pictures.
"""

from __future__ import annotations

import math
from typing import Final

import cv2

from edgecam.analysis.edges import F32, EdgePicture, aligned_likeness, likeness

_EVERY_S: Final = 0.5
_STEADY: Final = 0.6
_LEAST_USUAL: Final = 0.45
_LEAST_ALIGNED: Final = 0.4
_LEAST_GAIN: Final = 0.15
_SAME_PIXELS: Final = 3.0
_STRANGE: Final = 0.3
_HOME: Final = 0.5
_HOME_AFTER_S: Final = 1.5
_OTHER_SCENE_AFTER_S: Final = 8.0
_USUAL_TAU_S: Final = 15.0


class AimWatch:
    """Judges twice a second: a shift that stays, or another scene that stays."""

    def __init__(self, after_s: float, least_shift: float, new_view_after_s: float) -> None:
        """Times in seconds, ``least_shift`` as a share of the picture's width."""
        self._after_s, self._least_shift, self._new_view_after_s = after_s, least_shift, new_view_after_s
        self.forget()

    def forget(self) -> None:
        """Learn the view anew."""
        self.moved = False
        self.shift: tuple[float, float] | None = None
        self._usual = 0.0
        self._before: F32 | None = None
        self._wait_s = 0.0
        self._candidate = (0.0, 0.0)
        self._shifted_s = self._strange_s = self._steady_s = self._home_s = 0.0

    @property
    def suspect(self) -> bool:
        """Whether something may be wrong, so that the scene must not be learned now."""
        return self.turned or self._strange_s > 0

    @property
    def turned(self) -> bool:
        """Whether the scene is seen, but in another place."""
        return self.moved or self._shifted_s > 0

    @property
    def settled(self) -> bool:
        """Whether a new view has stayed so long that it should be learned as the scene."""
        return self.moved and self._steady_s >= self._new_view_after_s

    def observe(self, edges: EdgePicture, reference: F32, elapsed_s: float) -> None:
        """Take in one look, and judge when half a second has passed since the last judgement."""
        self._wait_s += elapsed_s
        if self._wait_s >= _EVERY_S:
            passed_s, self._wait_s = self._wait_s, 0.0
            self._judge(edges, reference, passed_s)

    def _judge(self, edges: EdgePicture, reference: F32, passed_s: float) -> None:
        home = likeness(edges.values, reference, edges.visible)
        if self._usual == 0:
            self._usual = home
        steady = self._before is not None and likeness(edges.values, self._before, edges.visible) > _STEADY
        self._before = edges.values.copy()
        energy = float(edges.values.sum()) / max(float(reference.sum()), 1.0)
        judged = self._usual > _LEAST_USUAL and 0.45 < energy < 2.2
        # Copies: OpenCV multiplies a window into the pictures it is given when their size needs no padding.
        (x, y), _ = cv2.phaseCorrelate(reference.copy(), edges.values.copy(), edges.window)
        width, height = edges.size
        far = max(abs(x), abs(y)) / width >= self._least_shift
        aligned = aligned_likeness(edges.values, reference, edges.visible, (x, y))
        shifted = judged and far and aligned > max(_LEAST_ALIGNED, home + _LEAST_GAIN)
        strange = home < _STRANGE * self._usual
        self._count(shifted, (x, y), judged and strange, steady, passed_s)
        if self.moved:
            self._await_rest(not far and home > _HOME * self._usual, steady, passed_s)
        elif self._shifted_s >= self._after_s:
            self.moved, self.shift = True, (x / width, y / height)
        elif self._strange_s >= _OTHER_SCENE_AFTER_S:
            self.moved, self.shift = True, None
        elif not shifted and not strange:
            self._usual += (1 - math.exp(-passed_s / _USUAL_TAU_S)) * (home - self._usual)

    def _count(
        self, shifted: bool, shift: tuple[float, float], strange: bool, steady: bool, passed_s: float
    ) -> None:
        """How long the view has been off by the same shift, and how long it has been a steady other one."""
        drift = abs(shift[0] - self._candidate[0]) + abs(shift[1] - self._candidate[1])
        self._shifted_s = self._shifted_s + passed_s if shifted and drift < _SAME_PIXELS else 0.0
        if shifted:
            self._candidate = shift
        if not strange:
            self._strange_s = max(0.0, self._strange_s - passed_s)
        elif steady and not shifted:
            self._strange_s += passed_s

    def _await_rest(self, at_home: bool, steady: bool, passed_s: float) -> None:
        """While moved: over when the old view is back; a new one must be steady to be learned."""
        self._home_s = self._home_s + passed_s if at_home else 0.0
        self._steady_s = self._steady_s + passed_s if steady else max(0.0, self._steady_s - passed_s)
        if self._home_s >= _HOME_AFTER_S:
            usual = self._usual
            self.forget()
            self._usual = usual
