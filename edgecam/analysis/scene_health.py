"""Whether the camera still sees its scene: covered, defocused, blinded, dark, frozen, signal lost, moved.

One cause gives one event. Where several kinds would fit, the first of ``PRECEDENCE`` is it, and while one is open
no other opens, save what the recorder tells for certain (``CERTAIN``) or the clock (no picture comes).
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from edgecam.analysis.cover_watch import CoverWatch
from edgecam.analysis.edges import EdgePicture
from edgecam.analysis.finding import Finding
from edgecam.analysis.focus_watch import FocusWatch
from edgecam.analysis.light_watch import DarkWatch, GlareWatch
from edgecam.analysis.look import Look
from edgecam.analysis.moments import after
from edgecam.analysis.private_watch import AWAY, PrivateWatch
from edgecam.analysis.signal_watch import FreezeWatch, SignalWatch
from edgecam.analysis.smoothing import newest_share
from edgecam.analysis.trouble import NOTHING, Sign, Trouble
from edgecam.core.aim import NO_AIM, AimReading, AimState
from edgecam.core.clock import NS_PER_S
from edgecam.core.events import EventKind

# A flat picture has lost its edges as well; glare and darkness hide the scene as a cover does; a blurred scene has
# lost its detail but is there. A still picture is the least that can be said: it is said when nothing else
# explains it.
PRECEDENCE: Final = (
    EventKind.SIGNAL_LOST,
    EventKind.MOVED,
    EventKind.BLINDED,
    EventKind.DARK,
    EventKind.DEFOCUSED,
    EventKind.COVERED,
    EventKind.FROZEN,
)
# Seconds of full evidence until an event opens, and of its absence until it ends.
PATIENCE_S: Final = {
    EventKind.SIGNAL_LOST: (1.5, 1.0),
    EventKind.MOVED: (0.4, 1.0),
    EventKind.BLINDED: (3.0, 2.0),
    EventKind.DARK: (2.5, 2.0),
    EventKind.COVERED: (0.6, 1.0),
    EventKind.DEFOCUSED: (2.5, 2.0),
    EventKind.FROZEN: (3.6, 0.6),
}
CERTAIN: Final = frozenset({EventKind.MOVED})
_HOME: Final = frozenset({AimState.STEADY, AimState.UNGUARDED, AimState.UNCONFIRMED})
_SILENCING: Final = frozenset(PRECEDENCE) - {EventKind.DEFOCUSED, EventKind.MOVED}
_NO_FRAME_S: Final = 4.0
_REFERENCE_TAU_S: Final = 90.0
_OTHER_SCENE_S: Final = 60.0
# Neither for nor against: evidence stays what it was.
_HELD: Final = Sign(0.0, over=False)
_Signs = dict[EventKind, Sign]


class SceneHealthJudge:
    """Knows one camera's scene. Memory is fixed; the same looks give the same findings. One thread uses it."""

    def __init__(self, width: int, height: int, fill: tuple[int, int, int]) -> None:
        """``width`` and ``height`` are the small picture's, ``fill`` the masks' Y, U and V."""
        self._edges = EdgePicture(width, height, fill)
        self._cover = CoverWatch(self._edges.grid, self._edges.size)
        self._focus = FocusWatch(self._edges.grid, self._edges.size)
        self._dark = DarkWatch(self._edges.size)
        self._glare = GlareWatch()
        self._freeze = FreezeWatch(width, height)
        self._signal = SignalWatch(width, height)
        self._private = PrivateWatch()
        self._reference = np.zeros_like(self._edges.values)
        self._troubles = {kind: Trouble(*PATIENCE_S[kind]) for kind in PRECEDENCE}
        self._reasons: dict[EventKind, tuple[float, str]] = {}
        self._open: EventKind | None = None
        self._last_s: float | None = None
        self.relearned = False
        self._learned_s, self._other_scene_s = -1.0, 0.0

    @property
    def blind(self) -> bool:
        """Whether nothing else should be made of this look: the scene is, or may just have gone, out of sight."""
        return any(self._troubles[kind].half_sure for kind in _SILENCING)

    @property
    def open_kind(self) -> EventKind | None:
        """What is wrong now."""
        return self._open

    def forget(self, wall_ns: int) -> list[Finding]:
        """End what is open at ``wall_ns`` and learn the scene anew."""
        ended = self._ended(wall_ns)
        for trouble in self._troubles.values():
            trouble.forget()
        self._private.forget()
        self._last_s = None
        self._learn_anew()
        return ended

    def observe(self, look: Look, aim: AimReading = NO_AIM, expected_change: bool = False) -> list[Finding]:
        """What began and what ended with this look of a picture that is not private.

        While the camera changes the light itself, patience stands still: nothing but what is certain begins,
        nothing ends, and the scene stays as it was known: what was covered meanwhile is told right afterwards.

        `relearned` says afterwards that masks lie elsewhere or the view is another, so that all that was learned of
        the picture is void.
        """
        elapsed_s = self._elapsed(look.now_s)
        changed = self._edges.take(look.picture, look.motion.luma, look.motion.resting)
        self.relearned = self._learned_s >= 0 and (changed or self._other_scene_s >= _OTHER_SCENE_S)
        ended: list[Finding] = []
        if self.relearned:
            self._learn_anew()
            ended = self._ended(look.wall_ns) if self._open is not EventKind.MOVED else []
        if self._learned_s < 0:
            self._learned_s = 0.0
            np.copyto(self._reference, self._edges.values)
        if expected_change:
            held = dict.fromkeys(PRECEDENCE, _HELD) | {EventKind.MOVED: self._private.seen(aim, look.now_s)}
            return ended + self._judged(held, elapsed_s, look.wall_ns)
        learn = not any(trouble.suspected for trouble in self._troubles.values())
        self._learned_s += elapsed_s if learn else 0.0
        signs = self._signs(look, elapsed_s, learn)
        signs[EventKind.MOVED] = self._private.seen(aim, look.now_s)
        if learn and not any(sign.pull > 0 for sign in signs.values()):
            tau_s = min(_REFERENCE_TAU_S, max(self._learned_s, 1.0))
            weight = newest_share(elapsed_s, tau_s)
            cv2.accumulateWeighted(self._edges.values, self._reference, weight, mask=self._edges.still)
        self._other_scene_s = self._other_scene_s + elapsed_s if self._cover.other_scene else 0.0
        return ended + self._judged(signs, elapsed_s, look.wall_ns)

    def observe_private(self, aim: AimReading, now_s: float, wall_ns: int) -> list[Finding]:
        """The same for a frame that is wholly fill, of which the recorder tells ``aim`` only."""
        elapsed_s = self._elapsed(now_s)
        self.relearned = False
        suspect = next((kind for kind in PRECEDENCE if self._troubles[kind].suspected), None)
        kind, sign = self._private.hidden(aim, now_s, suspect)
        signs = dict.fromkeys(PRECEDENCE, Sign(0.0, over=aim.state in _HOME))
        if kind is not None:
            signs[kind] = sign
            if kind is EventKind.MOVED and aim.state in AWAY:
                signs = {one: NOTHING for one in PRECEDENCE} | {kind: sign}
        return self._judged(signs, elapsed_s, wall_ns)

    def observe_nothing(self, now_s: float, wall_ns: int) -> list[Finding]:
        """The same when no frame came, although the camera should film. Call it about once a second."""
        if self._last_s is None:
            self._last_s = now_s
        silent_s = now_s - self._last_s
        if self._open is EventKind.SIGNAL_LOST or silent_s < _NO_FRAME_S:
            return []
        findings = self._ended(wall_ns)
        trouble = self._troubles[EventKind.SIGNAL_LOST]
        trouble.is_open, trouble.began_wall_ns = True, after(wall_ns, -silent_s)
        reason = f"there is no signal from the camera: no picture for {silent_s:.0f} s"
        return [*findings, self._opened(EventKind.SIGNAL_LOST, Sign(1.0, False, 1.0, reason))]

    def _elapsed(self, now_s: float) -> float:
        elapsed_s = 0.0 if self._last_s is None else min(max(now_s - self._last_s, 0.0), 2.0)
        self._last_s = now_s
        return elapsed_s

    def _learn_anew(self) -> None:
        self._learned_s = -1.0
        self._other_scene_s = 0.0
        for watch in (self._cover, self._focus, self._dark, self._glare, self._freeze):
            watch.forget()

    def _signs(self, look: Look, elapsed_s: float, learn: bool) -> _Signs:
        edges, cover = self._edges, self._cover
        signs: _Signs = {}
        signs[EventKind.COVERED] = cover.observe(edges, self._reference, self._learned_s, elapsed_s, learn)
        signs[EventKind.BLINDED] = self._glare.observe(edges, cover.lost, cover.strange, elapsed_s, learn)
        signs[EventKind.DARK] = self._dark.observe(edges, elapsed_s, learn)
        signs[EventKind.DEFOCUSED] = self._focus.observe(edges, elapsed_s, learn)
        signs[EventKind.FROZEN] = self._freeze.observe(look.picture.y, elapsed_s, learn)
        signs[EventKind.SIGNAL_LOST] = self._signal.observe(look.picture, edges, self._freeze.changed)
        return signs

    def _judged(self, signs: _Signs, elapsed_s: float, wall_ns: int) -> list[Finding]:
        findings: list[Finding] = []
        if self._open is not None:
            trouble = self._troubles[self._open]
            certain = next((kind for kind in CERTAIN if kind is not self._open and signs[kind].pull > 0), None)
            if trouble.ends(signs[self._open].over, elapsed_s, wall_ns):
                findings += self._ended(trouble.over_wall_ns)
            elif certain is None:
                return findings
            elif self._troubles[certain].opens(signs[certain].pull, elapsed_s, wall_ns):
                return [*self._ended(wall_ns), self._opened(certain, signs[certain])]
            else:
                return findings
        culprit = next((kind for kind in PRECEDENCE if signs[kind].pull > 0), None)
        for kind in PRECEDENCE:
            pull = signs[kind].pull if kind is culprit else min(signs[kind].pull, 0.0)
            if self._troubles[kind].opens(pull, elapsed_s, wall_ns):
                findings.append(self._opened(kind, signs[kind]))
                break
        return findings

    def _opened(self, kind: EventKind, sign: Sign) -> Finding:
        for other, trouble in self._troubles.items():
            if other is not kind:
                trouble.forget()
        self._open = kind
        self._reasons[kind] = sign.confidence, sign.reason
        return self._finding(kind, None)

    def _ended(self, wall_ns: int) -> list[Finding]:
        if self._open is None:
            return []
        kind, self._open = self._open, None
        self._troubles[kind].forget()
        return [self._finding(kind, wall_ns)]

    def _finding(self, kind: EventKind, end_wall_ns: int | None) -> Finding:
        began_wall_ns = self._troubles[kind].began_wall_ns
        confidence, reason = self._reasons[kind]
        if end_wall_ns is not None:
            reason = f"{reason}; over after {max(0, end_wall_ns - began_wall_ns) / NS_PER_S:.0f} s"
        return Finding(("scene", kind), kind, began_wall_ns, min(confidence, 1.0), reason, end_wall_ns)
