"""Whether the scene is out of focus: it is still there, at the same place, and only its fine edges are gone.

Fine edges (Laplacian) fall with the third power of a blur, coarse ones (gradient after a blur of 12 pixels) hardly
at all. Fog, dusk and a dirty pane weaken both. So each cell's ratio of the two is compared with what it usually
was.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from edgecam.analysis.edges import F32, EdgePicture, correlation
from edgecam.analysis.smoothing import newest_share
from edgecam.analysis.trouble import NOTHING, Sign

_LEARN_S: Final = 4.0
_MEMORY_TAU_S: Final = 1800.0
_LAYOUT_TAU_S: Final = 90.0
_COARSE: Final = 3.0
_LEAST_COARSE: Final = 3.0
_LEAST_FINE: Final = 3.0
_LEAST_CELLS: Final = 10
_SAME_PLACE: Final = 0.65
_PERHAPS: Final = 0.3
_UNDECIDED_S: Final = 3.0
_OTHER_LIGHT: Final = 0.5
_OTHER_LIGHT_S: Final = 10.0
_BLURRED: Final = 0.33
_BLURRED_ELSEWHERE: Final = 0.6
_SHARP: Final = 0.55


class FocusWatch:
    """Judges from cells, by their median, so that what moves hardly counts."""

    def __init__(self, grid: tuple[int, int], size: tuple[int, int]) -> None:
        """``grid`` is columns and rows, ``size`` the edge picture's width and height."""
        self._fine = np.zeros((grid[1], grid[0]), np.float32)
        self._coarse = np.zeros((grid[1], grid[0]), np.float32)
        self._layout = np.zeros((size[1], size[0]), np.float32)
        self.forget()

    def forget(self) -> None:
        """Learn the scene anew."""
        self._known_s = 0.0
        self._strange_s = self._undecided_s = 0.0
        self.sharpness = 1.0

    def observe(self, edges: EdgePicture, elapsed_s: float, learn: bool) -> Sign:
        """Judge one look; ``learn``: nothing else is wrong with it."""
        soft = cv2.GaussianBlur(edges.luma.astype(np.float32), (0, 0), _COARSE)
        across, down = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
        layout = np.asarray(cv2.magnitude(across, down) * edges.visible, np.float32)
        fine = edges.fine * edges.fine
        coarse = edges.cells(layout * layout)
        if self._known_s <= 0:
            self._fine[:], self._coarse[:], self._layout[:] = fine, coarse, layout
        sign = self._judged(edges, fine, coarse, layout, elapsed_s)
        if learn and sign.pull <= 0:
            self._learn(fine, coarse, layout, elapsed_s)
        return sign

    def _judged(self, edges: EdgePicture, fine: F32, coarse: F32, layout: F32, elapsed_s: float) -> Sign:
        judged = edges.seen & (self._coarse > _LEAST_COARSE**2) & (self._fine > _LEAST_FINE**2)
        judged &= coarse > 0.05 * self._coarse
        if self._known_s < _LEARN_S:
            return NOTHING
        if np.count_nonzero(judged) < _LEAST_CELLS:
            return Sign(-1.0, over=False)
        usual = self._fine[judged] / self._coarse[judged]
        ratio = fine[judged] / coarse[judged] / usual
        self.sharpness, elsewhere = (float(v) for v in np.quantile(ratio, (0.5, 0.8)))
        # Roots: one bright lorry that passes shall not outweigh the whole scene.
        place = correlation(np.sqrt(layout), np.sqrt(self._layout))
        self._notice_other_light(place, elapsed_s)
        everywhere = self.sharpness < _BLURRED and elsewhere < _BLURRED_ELSEWHERE
        # Something large that passes may hide the layout for a moment: then it waits, and so does *covered*.
        maybe = everywhere and place > _PERHAPS
        self._undecided_s = self._undecided_s + elapsed_s if maybe and place <= _SAME_PLACE else 0.0
        waits = maybe and self._undecided_s <= _UNDECIDED_S
        pull = 1.0 if maybe and place > _SAME_PLACE else 0.01 if waits else -1.0
        gone = f"only {self.sharpness:.0%} of the fine detail is left, while the scene is where it was"
        return Sign(
            pull,
            over=self.sharpness > _SHARP,
            confidence=0.9 - self.sharpness,
            reason=f"the picture is out of focus: {gone}",
        )

    def _notice_other_light(self, place: float, elapsed_s: float) -> None:
        """Infrared light at night draws the scene with other edges: what was known of them says nothing then."""
        self._strange_s = self._strange_s + elapsed_s if place < _OTHER_LIGHT else 0.0
        if self._strange_s >= _OTHER_LIGHT_S:
            self.forget()

    def _learn(self, fine: F32, coarse: F32, layout: F32, elapsed_s: float) -> None:
        self._known_s += elapsed_s
        weight = newest_share(elapsed_s, min(_MEMORY_TAU_S, max(self._known_s, 1.0)))
        cv2.accumulateWeighted(fine, self._fine, weight)
        cv2.accumulateWeighted(coarse, self._coarse, weight)
        layout_s = min(_LAYOUT_TAU_S, max(self._known_s, 1.0))
        cv2.accumulateWeighted(layout, self._layout, newest_share(elapsed_s, layout_s))
