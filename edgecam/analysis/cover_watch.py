"""Whether something lies before the lens: the scene's edges are gone nearly everywhere and no others came."""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np

from edgecam.analysis.edges import F32, EdgePicture

_LEARN_S: Final = 4.0
_TAU_S: Final = 90.0
_WEAK_STRUCTURE: Final = 3.0
_STRONG_STRUCTURE: Final = 7.0
_UNPROVEN: Final = 0.5
_WEAK_FAITH: Final = 0.6
_STRONG_FAITH: Final = 0.4
_FAITH_TAU_S: Final = 10.0
_LEAST_LANDMARKS: Final = 8
_LOST_ENERGY: Final = 0.55
_LOST_LIKENESS: Final = 0.4
_LEAST_GONE: Final = 0.4
_SMOOTH: Final = 5.0
_VEILED_LUMA: Final = 20.0
_FROM: Final = 0.55
_WHOLLY: Final = 0.75
_UNTIL: Final = 0.35
_CLEAR_AFTER_S: Final = 1.0
_BLINDED_LUMA: Final = 235.0


class CoverWatch:
    """Judges from cells of the edge picture; on by evidence over time, off again with hysteresis."""

    def __init__(self, grid: tuple[int, int], after_s: float) -> None:
        """``grid`` is columns and rows, ``after_s`` how long a wholly covered lens takes to be judged so."""
        self._after_s = after_s
        self._faith = np.zeros((grid[1], grid[0]), np.float32)
        self._usual_luma = np.zeros((grid[1], grid[0]), np.float32)
        self.forget()

    def forget(self) -> None:
        """Learn the scene anew."""
        self.covered = False
        self.lost = 0.0
        self._evidence_s = 0.0
        self._clear_s = 0.0
        self._faith[:] = _UNPROVEN
        self._usual_luma[:] = -1.0

    @property
    def suspect(self) -> bool:
        """Whether something may be wrong, so that the scene must not be learned now."""
        return self.covered or self._evidence_s > 0

    def observe(self, edges: EdgePicture, reference: F32, learned_s: float, elapsed_s: float, turned: bool) -> None:
        """Judge one look against the scene's ``reference`` edges, learned for ``learned_s``.

        While ``turned`` nothing speaks for a cover: the edges are there, in another place.
        """
        self.lost = self._lost_share(edges, reference, learned_s, elapsed_s)
        if learned_s < _LEARN_S:
            return
        if self.covered:
            self._clear_s = self._clear_s + elapsed_s if self.lost < _UNTIL else 0.0
            if self._clear_s >= _CLEAR_AFTER_S:
                self.covered, self._evidence_s = False, 0.0
        elif turned:
            self._evidence_s = 0.0
        else:
            pull = min((self.lost - _FROM) / (_WHOLLY - _FROM), 1.0)
            self._evidence_s = max(0.0, self._evidence_s + pull * elapsed_s)
            self.covered, self._clear_s = self._evidence_s >= self._after_s, 0.0

    def _lost_share(self, edges: EdgePicture, reference: F32, learned_s: float, elapsed_s: float) -> float:
        """The share of the scene that is out of sight, 0-1.

        Landmarks are cells whose edges have long looked the same; they are gone or not. Once many are gone,
        smooth cells without landmarks count as well where something of another brightness lies over them.
        """
        now, known = edges.cells(edges.values), edges.cells(reference)
        alike = _cell_likeness(edges, reference, now, known)
        luma = edges.cells(edges.luma)
        landmarks = (known >= _WEAK_STRUCTURE) & (self._faith >= _WEAK_FAITH)
        landmarks |= (known >= _STRONG_STRUCTURE) & (self._faith >= _STRONG_FAITH)
        veiled = (now < _SMOOTH) & (np.abs(luma - self._usual_luma) > _VEILED_LUMA) & ~landmarks
        if not self.suspect:
            self._learn(edges, alike, luma, learned_s, elapsed_s)
        count = int(np.count_nonzero(landmarks))
        if count < _LEAST_LANDMARKS or float(luma.mean()) > _BLINDED_LUMA:
            return 0.0
        gone = int(np.count_nonzero((now < _LOST_ENERGY * known) & (alike < _LOST_LIKENESS) & landmarks))
        if gone < _LEAST_GONE * count:
            return gone / count
        behind = int(np.count_nonzero(veiled))
        return (gone + behind) / (count + behind)

    def _learn(self, edges: EdgePicture, alike: F32, luma: F32, learned_s: float, elapsed_s: float) -> None:
        calm = (edges.cells(edges.still) > 0.9 * 255).astype(np.uint8)
        faith_s = min(_FAITH_TAU_S, max(learned_s / 2, 0.5))
        cv2.accumulateWeighted(alike, self._faith, 1 - math.exp(-elapsed_s / faith_s), mask=calm)
        if self._usual_luma[0, 0] < 0:
            self._usual_luma[:] = luma
        luma_s = min(_TAU_S, max(learned_s, 1.0))
        cv2.accumulateWeighted(luma, self._usual_luma, 1 - math.exp(-elapsed_s / luma_s))


def _cell_likeness(edges: EdgePicture, reference: F32, now: F32, known: F32) -> F32:
    """The correlation coefficient of the edges with the reference in each cell; ``now``, ``known``: the means."""
    together = edges.cells(edges.values * reference) - now * known
    spread_now = edges.cells(edges.values * edges.values) - now * now
    spread_known = edges.cells(reference * reference) - known * known
    return np.asarray(together / np.sqrt(np.maximum(spread_now * spread_known, 1e-3)), np.float32)
