"""Whether the camera still sees its scene: ``covered`` and ``moved``, from the edges of the picture.

Light changes, edges stay: a slow average of the edge picture, learned only where nothing moves, is the reference.
A covered lens loses its edges nearly everywhere; a moved camera has them in other places.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from edgecam.analysis.aim_watch import AimWatch
from edgecam.analysis.cover_watch import CoverWatch
from edgecam.analysis.edges import EdgePicture
from edgecam.analysis.settings import AnalysisSettings
from edgecam.core.picture import U8, Picture

_REFERENCE_TAU_S: Final = 90.0
_LEARN_AIM_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class SceneHealth:
    """The judgement of one look; ``lost`` is the share of the scene that is out of sight, 0-1,
    ``shift`` how far the view is off as shares of the picture's width and height (``None``: cannot be told),
    ``since_s`` how long ago the trouble began that is judged now, seconds.
    """

    covered: bool
    lost: float
    moved: bool
    shift: tuple[float, float] | None
    since_s: float
    relearned: bool = False


class SceneWatch:
    """Knows one camera's scene. Memory is fixed; the same pictures give the same judgement."""

    def __init__(self, width: int, height: int, fill: tuple[int, int, int], settings: AnalysisSettings) -> None:
        self._edges = EdgePicture(width, height, fill)
        self._cover = CoverWatch(self._edges.grid, settings.covered_after_s)
        self._aim = AimWatch(settings.moved_after_s, settings.moved_shift, settings.new_view_after_s)
        self._reference = np.zeros_like(self._edges.values)
        self._learned_s = -1.0
        self._since_s = 0.0

    def forget(self) -> None:
        """Learn the scene anew."""
        self._learned_s = -1.0
        self._since_s = 0.0
        self._cover.forget()
        self._aim.forget()

    def observe(self, picture: Picture, luma: U8, resting: U8, elapsed_s: float) -> SceneHealth:
        """Judge one look; ``luma`` and ``resting`` as in `EdgePicture.take`.

        ``relearned`` says that the masks have changed, so that all that was learned of the picture is void.
        """
        masks_changed = self._edges.take(picture, luma, resting) and self._learned_s >= 0
        if masks_changed or self._learned_s < 0 or self._aim.settled:
            self.forget()
            self._learned_s = 0.0
            np.copyto(self._reference, self._edges.values)
            return SceneHealth(False, 0.0, False, None, 0.0, relearned=masks_changed)
        self._learned_s += elapsed_s
        was_suspect = self._suspect
        self._cover.observe(self._edges, self._reference, self._learned_s, elapsed_s, self._aim.turned)
        if self._learned_s >= _LEARN_AIM_S and not self._cover.covered:
            self._aim.observe(self._edges, self._reference, elapsed_s)
        if not self._suspect:
            tau_s = min(_REFERENCE_TAU_S, max(self._learned_s, 1.0))
            weight = 1 - math.exp(-elapsed_s / tau_s)
            cv2.accumulateWeighted(self._edges.values, self._reference, weight, mask=self._edges.still)
        self._since_s = self._since_s + elapsed_s if self._suspect and was_suspect else 0.0
        cover, aim = self._cover, self._aim
        return SceneHealth(cover.covered, cover.lost, aim.moved, aim.shift, self._since_s)

    @property
    def _suspect(self) -> bool:
        return self._cover.suspect or self._aim.suspect
