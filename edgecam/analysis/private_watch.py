"""What can be told of the scene's health from the aim's numbers alone, while the picture itself is private."""

from __future__ import annotations

import math
from typing import Final

from edgecam.analysis.aim_words import lost_words, moved_words
from edgecam.analysis.smoothing import newest_share
from edgecam.analysis.trouble import NOTHING, Sign
from edgecam.core.aim import AimReading, AimState
from edgecam.core.events import EventKind

AWAY: Final = frozenset({AimState.MOVED, AimState.DRIFTED})
"""The view is known, and is not the confirmed one."""
_LOST_IS_TOLD_S: Final = 15.0
_USUAL_TAU_S: Final = 60.0
_LEAST_STRUCTURE: Final = 0.5
_SUDDEN_S: Final = 4.0
_DARK: Final = 28.0
_DARK_CONTRAST: Final = 8.0
_DAYLIGHT: Final = 45.0
_WHITE: Final = 200.0
_KEPT: Final = 0.5
_SAME_BRIGHTNESS: Final = 0.3
_FULL_PULL: Final = 1.0


class PrivateWatch:
    """Remembers how bright and how rich in contrast the scene usually is; judges what hides it."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Know nothing of the scene."""
        self._brightness = self._contrast = 0.0
        self._usual_s: float | None = None
        self._lost_since_s: float | None = None

    def seen(self, aim: AimReading, now_s: float) -> Sign:
        """The sign for *moved* in a look that is not private (masks that follow a drift are trusted)."""
        self._lost_since_s = None
        if aim.state in AWAY:
            return Sign(_FULL_PULL, False, 0.9, moved_words(aim))
        if aim.state is AimState.STEADY and aim.structure >= _LEAST_STRUCTURE:
            self._learn(aim, now_s)
        return NOTHING if aim.state in (AimState.STEADY, AimState.UNGUARDED) else Sign(0.0, over=False)

    def hidden(self, aim: AimReading, now_s: float, suspect: EventKind | None) -> tuple[EventKind | None, Sign]:
        """What is wrong and how surely, in a private look; ``suspect`` is what there was evidence for before."""
        if aim.state in AWAY:
            return EventKind.MOVED, Sign(_FULL_PULL, False, 0.9, moved_words(aim))
        if aim.state not in (AimState.LOST, AimState.BLIND):
            self._lost_since_s = None
            return None, NOTHING
        if self._lost_since_s is None:
            self._lost_since_s = now_s
        if suspect is not None and suspect is not EventKind.MOVED:
            reason = f"{_WHAT.get(suspect, 'the scene is out of sight')}: nothing of the confirmed view is seen"
            return suspect, Sign(_FULL_PULL, False, 0.7, reason)
        if aim.state is AimState.BLIND:
            return self._blind(aim, now_s)
        lasted_s = now_s - self._lost_since_s
        if lasted_s < _LOST_IS_TOLD_S:
            return None, NOTHING
        return EventKind.MOVED, Sign(_FULL_PULL, False, 0.6, lost_words(lasted_s))

    def _blind(self, aim: AimReading, now_s: float) -> tuple[EventKind, Sign]:
        numbers = f"brightness {aim.brightness:.0f}, contrast {aim.contrast:.0f} of 255"
        kind = self._kind(aim, now_s)
        return kind, Sign(0.5, False, 0.6, f"{_WHAT[kind]}: no edges are seen ({numbers})")

    def _kind(self, aim: AimReading, now_s: float) -> EventKind:
        known = self._usual_s is not None
        sudden = self._usual_s is not None and now_s - self._usual_s < _SUDDEN_S + (
            now_s - (self._lost_since_s or now_s)
        )
        if aim.brightness <= _DARK and aim.contrast <= _DARK_CONTRAST:
            by_day = known and self._brightness > _DAYLIGHT
            return EventKind.COVERED if sudden and by_day else EventKind.DARK
        if aim.brightness >= _WHITE:
            return EventKind.BLINDED
        same = known and abs(aim.brightness - self._brightness) <= _SAME_BRIGHTNESS * self._brightness
        if same and aim.contrast >= _KEPT * self._contrast:
            return EventKind.DEFOCUSED
        return EventKind.COVERED

    def _learn(self, aim: AimReading, now_s: float) -> None:
        elapsed_s = now_s - self._usual_s if self._usual_s is not None else math.inf
        weight = newest_share(max(elapsed_s, 0.0), _USUAL_TAU_S)
        self._brightness += weight * (aim.brightness - self._brightness)
        self._contrast += weight * (aim.contrast - self._contrast)
        self._usual_s = now_s


_WHAT: Final = {
    EventKind.COVERED: "the lens is covered",
    EventKind.DARK: "it is too dark to see anything",
    EventKind.BLINDED: "a strong light blinds the lens",
    EventKind.DEFOCUSED: "the picture is out of focus",
    EventKind.FROZEN: "the picture is frozen",
    EventKind.SIGNAL_LOST: "there is no signal from the camera",
}
