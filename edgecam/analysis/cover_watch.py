"""Whether something lies before the lens: the scene's edges are gone, and no others came in their place.

What lies on a lens is far out of focus: it has no edges and no sharp border. A lorry before the camera has both,
and so has another scene. That is how a part of the view that is veiled differs from one that is occupied. Where
noise is as strong as the scene's edges would be, as at night, single looks do not tell: then they are added up.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from edgecam.analysis.edges import F32, EdgePicture, Mask
from edgecam.analysis.relief import SHOWS, Relief
from edgecam.analysis.smoothing import newest_share
from edgecam.analysis.trouble import Sign

_LEARN_S: Final = 4.0
_TAU_S: Final = 90.0
_WEAK_STRUCTURE: Final = 3.0
_STRONG_STRUCTURE: Final = 7.0
_UNPROVEN: Final = 0.5
_WEAK_FAITH: Final = 0.6
_STRONG_FAITH: Final = 0.4
_FAITH_TAU_S: Final = 10.0
_LEAST_LANDMARKS: Final = 8
_LOST_DETAIL: Final = 0.4
# Through paint the strongest edges may still be made out; through a shadow or fog that comes slowly, far better.
_TRACE: Final = 0.12
_STRONG_DETAIL: Final = 15.0
_LOST_LIKENESS: Final = 0.4
_LEAST_GONE: Final = 0.4
_SMOOTH_DETAIL: Final = 8.0
_VEILED_LUMA: Final = 20.0
_FROM: Final = 0.55
_WHOLLY: Final = 0.75
_UNTIL: Final = 0.35
_PARTLY_FROM: Final = 0.2
_PARTLY_UNTIL: Final = 0.1
_PARTLY_PULL: Final = 0.17
_LEAST_VEILED: Final = 4
_MOST_STRANGE: Final = 0.2
_MOST_STRANGE_FOR_GONE: Final = 0.5
_FEW: Final = 4
_MOST_SHARP_BORDER: Final = 0.17
_BLACK_LUMA: Final = 16.0
_DROWNED: Final = 0.7
_WAITS_PULL: Final = 0.01


class CoverWatch:
    """Judges from cells of the edge picture, against what was learned while nothing was wrong."""

    def __init__(self, grid: tuple[int, int], size: tuple[int, int]) -> None:
        """``grid`` is columns and rows, ``size`` the edge picture's width and height."""
        shape = (grid[1], grid[0])
        self._relief = Relief(size)
        self._faith = np.zeros(shape, np.float32)
        self._usual_luma = np.zeros(shape, np.float32)
        self._usual_fine = np.zeros(shape, np.float32)
        self.forget()

    def forget(self) -> None:
        """Learn the scene anew."""
        self.lost = self.veiled = self.strange = 0.0
        self._landmarks = 0
        self._partly = self._blocked = self._occupied = self._waits = False
        self._relief.forget()
        self._faith[:] = _UNPROVEN
        self._usual_luma[:] = -1.0

    @property
    def knows(self) -> bool:
        """Whether enough lasting structure was seen to judge."""
        return self._landmarks >= _LEAST_LANDMARKS

    @property
    def other_scene(self) -> bool:
        """Whether most of the scene is out of sight behind structure that does not belong to it."""
        return self.knows and self.strange > _MOST_STRANGE

    def observe(self, edges: EdgePicture, reference: F32, learned_s: float, elapsed_s: float, learn: bool) -> Sign:
        """Judge one look against the scene's ``reference`` edges, learned for ``learned_s``."""
        alike = _cell_likeness(edges, reference)
        luma = edges.cells(edges.luma)
        if self._usual_luma[0, 0] < 0:
            self._usual_luma[:], self._usual_fine[:] = luma, edges.fine
        self._weigh(edges, edges.cells(reference), alike, luma)
        if learn:
            self._learn(edges, alike, luma, learned_s, elapsed_s)
        if learned_s < _LEARN_S:
            return Sign(-1.0, over=False)
        return self._sign()

    def _sign(self) -> Sign:
        occupied = self._occupied or self.strange > _MOST_STRANGE
        wholly = -1.0 if occupied else min((self.lost - _FROM) / (_WHOLLY - _FROM), 1.0)
        # Somebody who walks past the veil's border brings sharp edges there for a moment.
        partly = _PARTLY_PULL if self.veiled >= _PARTLY_FROM else -0.1 if self._blocked else -1.0
        still_partly = self._partly and (self.veiled >= _PARTLY_UNTIL or self._blocked)
        over = (self.lost < _UNTIL or occupied) and not still_partly
        pull = min(max(wholly, partly), _WAITS_PULL) if self._waits else max(wholly, partly)
        if pull > 0:
            self._partly = partly > 0
        if self.lost >= _FROM:
            reason = f"the lens is covered: {self.lost:.0%} of what this camera always sees is out of sight"
        else:
            reason = (
                f"the lens is partly covered or smeared: a veil without detail lies over {self.veiled:.0%} of it"
            )
        return Sign(pull, over, min(max(self.lost, self.veiled, 0.5), 0.95), reason)

    def _weigh(self, edges: EdgePicture, known: F32, alike: F32, luma: F32) -> None:
        """How much of the scene is out of sight, how much of the view a veil hides, and how much shows detail of
        something else; shares, 0-1.

        Landmarks are cells whose edges have long looked the same; they are gone or not. Smooth cells without
        landmarks count as well where something of another brightness lies over them, once landmarks there are gone:
        a shadow leaves them.
        """
        landmarks = (known >= _WEAK_STRUCTURE) & (self._faith >= _WEAK_FAITH)
        landmarks |= (known >= _STRONG_STRUCTURE) & (self._faith >= _STRONG_FAITH)
        landmarks &= edges.seen
        self._landmarks = int(np.count_nonzero(landmarks))
        self.lost = self.veiled = self.strange = 0.0
        self._blocked = self._occupied = self._waits = False
        if self._landmarks < _LEAST_LANDMARKS:
            return
        unlike = alike < _LOST_LIKENESS
        strange = (
            edges.seen & (edges.fine >= _SMOOTH_DETAIL) & unlike & (landmarks | (edges.fine > 2 * self._usual_fine))
        )
        strong = self._usual_fine >= _STRONG_DETAIL
        weak = edges.fine < np.maximum(_LOST_DETAIL * self._usual_fine, 1.0)
        gone = landmarks & ((weak & unlike) | (strong & (edges.fine < _TRACE * self._usual_fine)))
        gone &= ~self._drowned(edges, gone, luma)
        changed = edges.seen & (np.abs(luma - self._usual_luma) > _VEILED_LUMA)
        behind = changed & ~landmarks & (edges.fine < _SMOOTH_DETAIL)
        seen, many = np.count_nonzero(edges.seen), np.count_nonzero(gone)
        self.strange = float(np.count_nonzero(strange) / seen)
        self._occupied = bool(np.count_nonzero(strange) > max(_MOST_STRANGE_FOR_GONE * many, _FEW))
        self.lost = many / self._landmarks
        if many >= _LEAST_GONE * self._landmarks:
            hidden = np.count_nonzero(behind)
            self.lost = float((many + hidden) / (self._landmarks + hidden))
        if many >= _LEAST_VEILED and many >= _LEAST_GONE * np.count_nonzero(landmarks & (changed | gone)):
            veil = gone | behind
            around = cv2.dilate(veil.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
            if np.count_nonzero(strange & around) <= _MOST_SHARP_BORDER * np.count_nonzero(around):
                self.veiled = float(np.count_nonzero(veil) / seen)
            else:
                self._blocked = bool(np.count_nonzero(veil) >= _PARTLY_FROM * seen)

    def _drowned(self, edges: EdgePicture, gone: Mask, luma: F32) -> Mask:
        """Which of ``gone`` only noise hides: added up, the looks show them. Says by `_waits` when it is too early
        to tell.
        """
        # Less light, less detail: as much of it is to be expected as there is light left.
        left = (luma - _BLACK_LUMA) / np.maximum(self._usual_luma - _BLACK_LUMA, 1.0)
        expected = self._usual_fine * np.clip(left, 0.0, 1.0)
        drowned = gone & (edges.noise_fine > _DROWNED * expected)
        if 2 * np.count_nonzero(drowned) <= np.count_nonzero(gone):
            self._relief.clear()
            return np.zeros_like(gone)
        self._relief.add(edges)
        self._waits = not self._relief.decided
        shows = not self._waits and self._relief.shown(edges, drowned) > SHOWS
        return drowned if shows else np.zeros_like(gone)

    def _learn(self, edges: EdgePicture, alike: F32, luma: F32, learned_s: float, elapsed_s: float) -> None:
        calm = (edges.cells(edges.still) > 0.9 * 255).astype(np.uint8)
        faith_s = min(_FAITH_TAU_S, max(learned_s / 2, 0.5))
        cv2.accumulateWeighted(alike, self._faith, newest_share(elapsed_s, faith_s), mask=calm)
        self._relief.learn(edges, elapsed_s)
        weight = newest_share(elapsed_s, min(_TAU_S, max(learned_s, 1.0)))
        cv2.accumulateWeighted(luma, self._usual_luma, weight)
        cv2.accumulateWeighted(edges.fine, self._usual_fine, weight)


def _cell_likeness(edges: EdgePicture, reference: F32) -> F32:
    """The correlation coefficient of the edges with the reference in each cell."""
    now, known = edges.cells(edges.values), edges.cells(reference)
    together = edges.cells(edges.values * reference) - now * known
    spread_now = edges.cells(edges.values * edges.values) - now * now
    spread_known = edges.cells(reference * reference) - known * known
    return np.asarray(together / np.sqrt(np.maximum(spread_now * spread_known, 1e-3)), np.float32)
