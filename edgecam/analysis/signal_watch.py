"""Whether the picture is alive: a camera's picture always changes a little, by the noise of its sensor.

*Frozen*: places that changed in every look do not any more, all at once. *Signal lost*: a drawn picture, flat and
without noise, as recorders and grabbers put it in place of a camera's.
"""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np

from edgecam.analysis.edges import F32, EdgePicture
from edgecam.analysis.smoothing import newest_share
from edgecam.analysis.trouble import Sign
from edgecam.core.picture import U8, Picture

_COLUMNS, _ROWS = 16, 9
_ALIVE: Final = 0.15
_LIVELY: Final = 0.9
_LEAST_LIVELY: Final = 0.25
_DEAD_SHARE: Final = 0.97
_REVIVED_SHARE: Final = 0.2
_TAU_S: Final = 10.0
_KNOWN_S: Final = 4.0
_STILL_LONG_S: Final = 30.0
_FINE: Final = 8
_FLAT_RANGE: Final = 4
_FLAT_SHARE: Final = 0.85
_SAME_SHARE: Final = 0.97
_WHITE: Final = 225
_ONE_COLOUR: Final = 6
_STRONG_COLOUR: Final = 40
_ONE_LUMA: Final = 5.0


class FreezeWatch:
    """Knows how lively each of 16x9 cells is; two looks that are equal byte by byte are dead everywhere."""

    def __init__(self, width: int, height: int) -> None:
        """``width`` and ``height`` are the small picture's."""
        self._last: U8 = np.zeros((height, width), np.uint8)
        self._change: U8 = np.zeros((height, width), np.uint8)
        self._liveliness = np.zeros((_ROWS, _COLUMNS), np.float32)
        self.forget()

    def forget(self) -> None:
        """Learn the scene anew."""
        self._known_s = 0.0
        self._equal_s = 0.0
        self._ever_changed = False
        self._has_last = False
        self.changed: F32 = np.zeros((_ROWS, _COLUMNS), np.float32)

    def observe(self, luma: U8, elapsed_s: float, learn: bool) -> Sign:
        """Judge one look by its luma, ``(height, width)`` uint8; ``learn``: nothing else is wrong with it."""
        if not self._has_last:
            self._has_last = True
            np.copyto(self._last, luma)
            return Sign(-1.0, over=False)
        cv2.absdiff(luma, self._last, dst=self._change)
        np.copyto(self._last, luma)
        equal = not cv2.countNonZero(self._change)
        change = self._change.astype(np.float32)
        self.changed = np.asarray(cv2.resize(change, (_COLUMNS, _ROWS), interpolation=cv2.INTER_AREA), np.float32)
        alive = (self.changed > _ALIVE).astype(np.float32)
        lively = self._liveliness > _LIVELY
        count = int(np.count_nonzero(lively))
        judged = self._known_s >= _KNOWN_S and count >= _LEAST_LIVELY * lively.size
        dead = 1.0 - float(alive[lively].mean()) if judged else float(equal)
        self._equal_s = self._equal_s + elapsed_s if equal else 0.0
        self._ever_changed = self._ever_changed or not equal
        if learn and (not judged or dead < 0.5):
            self._learn(alive, elapsed_s)
        return self._sign(judged, dead, equal)

    def _sign(self, judged: bool, dead: float, equal: bool) -> Sign:
        reason = "the picture is frozen: not even the noise of the sensor changes any more"
        if judged:
            # A frozen picture that is encoded again stirs a little with each keyframe; that neither speaks for nor
            # against it.
            pull = 1.0 if dead >= _DEAD_SHARE else -1.0 if dead < 0.5 else 0.0
            return Sign(pull, over=dead < _REVIVED_SHARE, confidence=0.9, reason=reason)
        long_still = self._equal_s > 0 and not self._ever_changed
        pull = 1.0 if long_still or self._equal_s >= _STILL_LONG_S else -1.0
        return Sign(
            pull, over=not equal, confidence=0.7, reason="the picture is frozen: it is the same, byte by byte"
        )

    def _learn(self, alive: F32, elapsed_s: float) -> None:
        self._known_s += elapsed_s
        weight = newest_share(elapsed_s, min(_TAU_S, max(self._known_s, 0.2)))
        cv2.accumulateWeighted(alive, self._liveliness, weight)


class SignalWatch:
    """A flat picture: one colour, black, or a test card."""

    def __init__(self, width: int, height: int) -> None:
        """``width`` and ``height`` are the small picture's."""
        self._size = width // _FINE, height // _FINE

    def observe(self, picture: Picture, edges: EdgePicture, changed: F32) -> Sign:
        """Judge one look; ``changed`` is the mean change of luma in each cell of any grid since the look before."""
        if not edges.seen.any():
            return Sign(-1.0, over=False)
        if float(np.median(edges.cells(edges.luma)[edges.seen])) >= _WHITE:
            return Sign(-1.0, over=True)  # flat because it is overexposed
        one_blue = self._one_strong_colour(picture, edges)
        dead = float((changed <= 0.1).mean()) >= _SAME_SHARE
        flat = dead and self._flat_share(picture.y, edges) >= _FLAT_SHARE
        what = "nothing but one colour" if one_blue else "a drawn picture without any noise"
        return Sign(
            1.0 if one_blue or flat else -1.0,
            over=not (one_blue or flat),
            confidence=0.9,
            reason=f"there is no signal from the camera, only {what}",
        )

    def _flat_share(self, luma: U8, edges: EdgePicture) -> float:
        """The share of visible places, 8 pixels square, within which the luma hardly differs."""
        places = luma[: self._size[1] * _FINE, : self._size[0] * _FINE]
        places = places.reshape(self._size[1], _FINE, self._size[0], _FINE)
        flat = np.ptp(places, axis=(1, 3)) <= _FLAT_RANGE
        visible = cv2.resize(edges.visible, self._size, interpolation=cv2.INTER_NEAREST) > 0
        count = int(np.count_nonzero(visible))
        return int(np.count_nonzero(flat & visible)) / count if count else 0.0

    def _one_strong_colour(self, picture: Picture, edges: EdgePicture) -> bool:
        """One saturated colour and one brightness nearly everywhere; a grabber's own text may lie on it."""
        luma = edges.cells(edges.luma)[edges.seen]
        if float(np.quantile(luma, 0.9) - np.quantile(luma, 0.1)) > _ONE_LUMA:
            return False
        planes = (cv2.resize(plane, edges.grid, interpolation=cv2.INTER_AREA) for plane in (picture.u, picture.v))
        u, v = (plane[edges.seen].astype(np.int16) - 128 for plane in planes)
        middle_u, middle_v = float(np.median(u)), float(np.median(v))
        if math.hypot(middle_u, middle_v) < _STRONG_COLOUR:
            return False
        same = (np.abs(u - middle_u) <= _ONE_COLOUR) & (np.abs(v - middle_v) <= _ONE_COLOUR)
        return float(same.mean()) >= _FLAT_SHARE
