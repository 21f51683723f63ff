"""The aim guard: whether the camera still looks where the masks were drawn.

Each look gives one piece of *evidence*; evidence of one kind that lasts changes the *state*, by the table below.
Only positive evidence of home, from the anchor or from what the anchor let the layer learn, makes a view trusted.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import Final

import cv2
import numpy as np

from edgecam.core.aim import AimReading, AimState
from edgecam.core.errors import BadInput
from edgecam.core.picture import U8
from edgecam.masking.aimfield import C64, Covered, EdgeField
from edgecam.masking.aimmatch import AimMatch, Match, Similarity
from edgecam.masking.aimreference import AimReference
from edgecam.masking.aimsearch import AimSearch

NS_PER_S: Final = 1_000_000_000


class Evidence(Enum):
    """What one look shows: the scene at home, a little off, far off; a picture without the scene; no picture."""

    HOME = "home"
    LITTLE_OFF = "little_off"
    FAR_OFF = "far_off"
    NOTHING_KNOWN = "nothing_known"
    NOTHING_SEEN = "nothing_seen"


@dataclass(frozen=True, slots=True)
class Aim:
    """The judgement after one look.

    ``trust``: the masks cover what they were drawn over; without it the picture must be private. ``shift``: where
    the scene went; when it has drifted, masks moved by it cover the same things again; when it has moved, it tells
    a person the direction. ``off`` is the farthest it takes any point of the picture, as a share of the width.
    ``latched``: only a person's confirmation ends this state. ``since_mono_ns``: when it began. ``structure``: the
    share of the reference's edges that is seen.
    """

    state: AimState
    trust: bool
    latched: bool
    shift: Similarity | None
    off: float
    since_mono_ns: int
    structure: float

    def reading(self, brightness: float, contrast: float) -> AimReading:
        """It, and the light of the picture it was judged by, for whoever is not to know how that is done."""
        went = self.shift or Similarity(0.0, 0.0, 0.0, 1.0)
        return AimReading(
            self.state,
            right=went.dx,
            down=went.dy,
            turned_deg=went.roll_deg,
            zoom=went.zoom,
            off=self.off,
            brightness=brightness,
            contrast=contrast,
            structure=self.structure,
        )


# The newest looks that decide, and the table that is read from the top: enough looks of these kinds among them lead
# to the state (``None``: it stays as it is). Only a person leads out of MOVED.
DECIDING_LOOKS: Final = 7
RULES: Final = (
    (frozenset({Evidence.HOME}), 5, AimState.STEADY),
    (frozenset({Evidence.FAR_OFF}), 4, AimState.MOVED),
    (frozenset({Evidence.FAR_OFF, Evidence.LITTLE_OFF}), 5, AimState.DRIFTED),
    (frozenset({Evidence.HOME}), 2, None),
    (frozenset({Evidence.NOTHING_SEEN}), 3, AimState.BLIND),
    (frozenset(Evidence), DECIDING_LOOKS, AimState.LOST),
)
# A view that shows something, only not the scene, for so long is another view; longer than most lorries stand.
# While so many cells are where they were, over the last looks, it is the same view with something before it.
LOST_IS_MOVED_S: Final = 90.0
_PARTLY_THERE: Final = 0.18
_LAST_LOOKS: Final = 50
LITTLE: Final = 0.02
_STILL_HOME: Final = 0.008
# How far home's peak must stand out, to go on and to begin anew; and how little does to go on while so many cells
# stay where they were (behind a lorry half of them cannot; of a view that is gone at most 0.24 did by chance).
_STAYS_HOME: Final = 1.6
_COMES_HOME: Final = 2.5
_PARTLY_HOME: Final = 0.6
_STAYED: Final = 0.27
_SEEN: Final = 0.2
_PATIENCE_S: Final = 2.0
_ASK_ANCHOR_S: Final = 1.0
_RENEW_LAYER_S: Final = 60.0
_LEARN_A_LOOK: Final = 1 / 4500
_UNKNOWN: Final = (Evidence.NOTHING_KNOWN, Evidence.NOTHING_SEEN)
_Judgement = tuple[Evidence, Similarity | None, float]
_LEARN_WITHIN: Final = 0.003
_LEARN_HOME: Final = 3.0


class AimGuard:
    """Watches one camera's aim, five looks a second; the same looks give the same judgements. Used by one thread.

    It begins without trust, and is steady once the scene has been seen at home in five of seven looks.
    """

    def __init__(self, reference: AimReference) -> None:
        self.confirm(reference)

    def confirm(self, reference: AimReference) -> None:
        """A person says that the view of ``reference`` is right: watch for that one from now on."""
        self._reference = reference
        self._field = EdgeField(reference.width, reference.height)
        self._anchor = AimMatch(reference.anchor)
        self._search = AimSearch(reference.anchor)
        self._layer: C64 | None = None if reference.layer is None else reference.layer.copy()
        self._layer_match = None if reference.layer is None else AimMatch(reference.layer)
        self.release()

    def release(self) -> None:
        """A person says that the camera was put back: begin anew with the same reference, without trust."""
        self._state, self._since_ns = AimState.LOST, 0
        self._shift: Similarity | None = None
        self._off = self._structure = self._stayed = 0.0
        self._by_layer = False
        self._asked_anchor_ns = self._renewed_layer_ns = self._last_ns = -(10**18)
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._field.forget()
        self._search.forget()
        self._recent: deque[Evidence] = deque(maxlen=DECIDING_LOOKS)

    @property
    def reference(self) -> AimReference:
        """The reference with what was learned so far, to be kept across restarts."""
        known = self._reference
        layer = None if self._layer is None else self._layer.copy()
        return AimReference(known.width, known.height, known.confirmed, known.anchor, layer)

    def look(self, luma: U8, covered: Covered, mono_ns: int) -> Aim:
        """Judge one more look at ``mono_ns``: masked luma, and what is masked in it (bool, pixels or 8x8 cells).

        Raises: BadInput when the picture has another size than the reference's.
        """
        if luma.shape != (self._reference.height, self._reference.width):
            raise BadInput(f"the aim's reference is {self._reference.width}x{self._reference.height}, this is not")
        if not 0 <= mono_ns - self._last_ns <= _PATIENCE_S * NS_PER_S:
            self._begin_anew()
            if self._state is not AimState.MOVED:
                # Nobody knows what happened meanwhile.
                self._state, self._since_ns = AimState.LOST, mono_ns
        self._last_ns = mono_ns
        field = self._field.take(luma, covered)
        evidence, shift, off = self._judge(field, mono_ns)
        self._recent.append(evidence)
        self._decide(mono_ns)
        if self._state is not AimState.MOVED or shift is not None:
            self._shift, self._off = shift, off
        return self.aim

    @property
    def aim(self) -> Aim:
        """The newest judgement."""
        state = self._state
        told = self._shift if state in (AimState.DRIFTED, AimState.MOVED) else None
        return Aim(
            state,
            trust=state is AimState.STEADY,
            latched=state is AimState.MOVED,
            shift=told,
            off=self._off if told else 0.0,
            since_mono_ns=self._since_ns,
            structure=self._structure,
        )

    def _judge(self, field: C64, mono_ns: int) -> _Judgement:
        """What this look shows. The layer is asked only while the anchor knows nothing."""
        steady = self._state is AimState.STEADY
        asked_lately = mono_ns - self._asked_anchor_ns < _ASK_ANCHOR_S * NS_PER_S
        if self._by_layer and asked_lately and self._layer_match is not None:
            told = _judged(self._layer_match.compare(field), steady)
            if told[0] is Evidence.HOME:
                return told
        self._asked_anchor_ns = mono_ns
        match = self._anchor.compare(field)
        self._structure = match.structure
        self._stayed += (match.stayed - self._stayed) / _LAST_LOOKS
        told = _judged(match, steady)
        self._by_layer = False
        if told[0] in _UNKNOWN and self._layer_match is not None:
            by_layer = _judged(self._layer_match.compare(field), steady)
            if by_layer[0] not in _UNKNOWN:
                self._by_layer = True
                return by_layer
        if told[0] in (Evidence.NOTHING_KNOWN, Evidence.FAR_OFF):
            # Of a view beyond reach a few regions may agree on some nearer place.
            far = self._search.find(field)
            return told if far is None else (Evidence.FAR_OFF, far, max(abs(far.dx), abs(far.dy)))
        self._search.forget()
        if told[0] is Evidence.HOME:
            self._learn(field, match, mono_ns)
        return told

    def _decide(self, mono_ns: int) -> None:
        if self._state is AimState.MOVED or len(self._recent) < DECIDING_LOOKS:
            return
        leads_to = next(
            state for kinds, least, state in RULES if sum(seen in kinds for seen in self._recent) >= least
        )
        long_lost = self._state is AimState.LOST and mono_ns - self._since_ns > LOST_IS_MOVED_S * NS_PER_S
        if long_lost and self._stayed < _PARTLY_THERE:
            leads_to = AimState.MOVED if leads_to in (None, AimState.LOST) else leads_to
        if leads_to is not None and leads_to is not self._state:
            self._state, self._since_ns = leads_to, mono_ns

    def _learn(self, field: C64, match: Match, mono_ns: int) -> None:
        """Let the layer take in a look that the anchor itself certifies."""
        off = match.off_most if match.off is not None else 1.0
        if self._state is not AimState.STEADY or match.home < _LEARN_HOME or off > _LEARN_WITHIN:
            return
        if self._layer is None:
            self._layer = self._reference.anchor.copy()
        cv2.addWeighted(
            self._layer.view(np.float32),
            1 - _LEARN_A_LOOK,
            field.view(np.float32),
            _LEARN_A_LOOK,
            0.0,
            dst=self._layer.view(np.float32),
        )
        if mono_ns - self._renewed_layer_ns > _RENEW_LAYER_S * NS_PER_S:
            self._renewed_layer_ns = mono_ns
            self._layer_match = AimMatch(self._layer)


def _judged(match: Match, steady: bool) -> _Judgement:
    """The evidence in one comparison, and where the scene went; ``steady``: home is what was known."""
    if match.off is not None and match.off_least >= _STILL_HOME:
        kind = Evidence.LITTLE_OFF if match.off_most <= LITTLE else Evidence.FAR_OFF
        return kind, match.off, match.off_most
    at_home = match.home > (_STAYS_HOME if steady else _COMES_HOME)
    partly = steady and match.home > _PARTLY_HOME and match.stayed > _STAYED
    if at_home or partly or (match.off is not None and match.off_most < _STILL_HOME):
        return Evidence.HOME, None, 0.0
    return (Evidence.NOTHING_SEEN if match.structure < _SEEN else Evidence.NOTHING_KNOWN), None, 0.0
