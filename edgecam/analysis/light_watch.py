"""Whether there is too little light to see anything, or so much that the lens is blinded."""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np

from edgecam.analysis.edges import EdgePicture
from edgecam.analysis.relief import SHOWS, Relief
from edgecam.analysis.smoothing import newest_share
from edgecam.analysis.trouble import NOTHING, Sign

_DARK_MEAN: Final = 26.0
_DARK_BRIGHTEST: Final = 36.0
_LIT_MEAN: Final = 32.0
_LIT_BRIGHTEST: Final = 44.0
_SUDDEN_S: Final = 3.0
_DAYLIGHT_MEAN: Final = 45.0
_WHITE: Final = 225
_WHITE_TAU_S: Final = 600.0
_LEARN_S: Final = 4.0
_MORE_WHITE: Final = 0.12
_LOST: Final = 0.35
_MUCH_MORE_WHITE: Final = 0.25
_ALL_WHITE: Final = 0.85
_WHITE_UNTIL: Final = 0.07
_BEGINNING: Final = 0.01
_LOST_UNTIL: Final = 0.25
_MOST_STRANGE: Final = 0.25


class DarkWatch:
    """Nothing in the picture is brighter than a sensor's dark; needs no knowledge of the scene.

    A lens that is covered by something opaque is as dark, at once. In a scene that goes dark its relief shows
    faintly through the noise once looks are added; under a cover there is nothing of it.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        """``size`` is the edge picture's width and height."""
        self._relief = Relief(size)
        self.forget()

    def forget(self) -> None:
        """Learn the scene anew."""
        self._relief.forget()
        self._dark_s = 0.0
        self._since_bright_s = math.inf
        self._sudden = False

    def observe(self, edges: EdgePicture, elapsed_s: float, learn: bool) -> Sign:
        """Judge one look; ``learn``: nothing else is wrong with it."""
        seen = edges.luma[edges.visible > 0]
        if seen.size == 0:
            return Sign(-1.0, over=False)
        mean, brightest = float(seen.mean()), float(np.quantile(seen, 0.99))
        if mean > _DARK_MEAN or brightest > _DARK_BRIGHTEST:
            self._dark_s = 0.0
            self._since_bright_s = 0.0 if mean > _DAYLIGHT_MEAN else self._since_bright_s + elapsed_s
            if learn:
                self._relief.learn(edges, elapsed_s)
            return Sign(-1.0, over=mean > _LIT_MEAN or brightest > _LIT_BRIGHTEST)
        if self._dark_s <= 0:
            self._sudden = self._relief.known_s >= _LEARN_S and self._since_bright_s < _SUDDEN_S
            self._relief.clear()
        self._dark_s += elapsed_s
        self._relief.add(edges)
        return self._sign(edges, mean)

    def _sign(self, edges: EdgePicture, mean: float) -> Sign:
        reason = f"it is too dark to see anything: the mean brightness is {mean:.0f} of 255"
        if not self._sudden:
            return Sign(1.0, over=False, confidence=0.9, reason=reason)
        if not self._relief.decided:
            return Sign(0.5, over=False, confidence=0.5, reason=reason)
        shown = self._relief.shown(edges, edges.seen)
        return Sign(1.0, False, 0.6 + 0.3 * shown, reason) if shown > SHOWS else NOTHING


class GlareWatch:
    """Much more of the picture is white than usual, and the scene is gone there and around."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Learn the scene anew."""
        self._known_s = 0.0
        self._usual = 0.0

    def observe(self, edges: EdgePicture, lost: float, strange: float, elapsed_s: float, learn: bool) -> Sign:
        """Judge one look, of which ``lost`` and ``strange`` are `CoverWatch`'s shares."""
        visible = max(1, cv2.countNonZero(edges.visible))
        white = int(np.count_nonzero((edges.luma >= _WHITE) & (edges.visible > 0))) / visible
        if self._known_s <= 0:
            self._usual = white
        more = white - self._usual
        much = lost > _LOST or more > _MUCH_MORE_WHITE or white > _ALL_WHITE
        blinded = more > _MORE_WHITE and strange < _MOST_STRANGE and much
        if learn and more <= _MORE_WHITE:
            self._known_s += elapsed_s
            # What grows within half a minute is not yet usual, in however young a scene.
            tau_s = _WHITE_TAU_S if self._known_s > _LEARN_S else 1.0
            self._usual += newest_share(elapsed_s, tau_s) * more
        if self._known_s < _LEARN_S:
            return Sign(-1.0, over=False)
        # While it grows, it is not yet glare, but what goes out of sight for it is not covered either.
        dazzling = more > _WHITE_UNTIL and strange < _MOST_STRANGE
        return Sign(
            1.0 if blinded else _BEGINNING if dazzling else -1.0,
            over=more < _WHITE_UNTIL or (lost < _LOST_UNTIL and more < _MORE_WHITE),
            confidence=0.6 + 0.4 * min(1.0, white),
            reason=f"a strong light blinds the lens: {white:.0%} of the view is white, {self._usual:.0%} usually",
        )
