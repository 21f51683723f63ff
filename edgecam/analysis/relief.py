"""What still shows of a scene that noise drowns: single looks say nothing, but their sum shows its relief.

Noise of several looks averages out, the scene does not. Under a cover there is nothing to add up. Brightness,
vignettes and light that leaks past a cover are coarse; the relief is what differs from its near surroundings.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import cv2
import numpy as np

from edgecam.analysis.edges import F32, EdgePicture, Mask, correlation
from edgecam.analysis.smoothing import newest_share
from edgecam.core.picture import U8

SHOWS: Final = 0.15
"""From this likeness on the scene is there: covers gave 0.08 at most, the faintest scene 0.22."""
_TAU_S: Final = 60.0
_NEAR: Final = 3.0
_LOOKS: Final = 6


class Relief:
    """The relief of one scene, learned over a minute, and the last six looks that may or may not show it."""

    def __init__(self, size: tuple[int, int]) -> None:
        """``size`` is the edge picture's width and height."""
        self._known = np.zeros((size[1], size[0]), np.float32)
        self._looks: deque[U8] = deque(maxlen=_LOOKS)
        self.forget()

    def forget(self) -> None:
        """Learn the scene anew."""
        self.known_s = 0.0
        self._known[:] = 0.0
        self.clear()

    def clear(self) -> None:
        """Begin to add up anew."""
        self._looks.clear()

    @property
    def decided(self) -> bool:
        """Whether enough looks were added up to tell."""
        return len(self._looks) == _LOOKS

    def learn(self, edges: EdgePicture, elapsed_s: float) -> None:
        """Take in a look at the scene as it is."""
        self.known_s += elapsed_s
        weight = newest_share(elapsed_s, min(_TAU_S, max(self.known_s, 1.0)))
        cv2.accumulateWeighted(edges.luma, self._known, weight)

    def add(self, edges: EdgePicture) -> None:
        """Add up a look of which it is to be told whether it shows the scene."""
        self._looks.append(edges.luma.copy())

    def shown(self, edges: EdgePicture, cells: Mask) -> float:
        """The correlation of the looks' relief with the scene's in ``cells`` (of the grid), -1 to 1."""
        where = cv2.resize(cells.astype(np.uint8), edges.size, interpolation=cv2.INTER_NEAREST) > 0
        where &= edges.visible > 0
        together: F32 = np.asarray(np.sum(self._looks, axis=0, dtype=np.float32), np.float32)
        return correlation(_relief(together, edges.visible)[where], _relief(self._known, edges.visible)[where])


def _relief(luma: F32, visible: F32) -> F32:
    """What is brighter or darker than what is ``visible`` (1, else 0) around it."""
    around = cv2.GaussianBlur(luma * visible, (0, 0), _NEAR)
    weight = cv2.GaussianBlur(visible, (0, 0), _NEAR)
    return np.asarray(luma - around / np.maximum(weight, 1e-3), np.float32)
