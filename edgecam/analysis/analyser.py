"""The whole analysis of one camera: small frames in, events out.

No I/O and no clock: the same frames give the same events.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from edgecam.analysis.appearances import Appearances
from edgecam.analysis.box import Box, share_inside
from edgecam.analysis.crops import CropPlanner, merged
from edgecam.analysis.finding import Finding
from edgecam.analysis.judge import Judge
from edgecam.analysis.ledger import NONE_LEFT, Ledger, LeftOpen
from edgecam.analysis.look import Look
from edgecam.analysis.motion import MotionModel, Region
from edgecam.analysis.normality import NormalityJudge
from edgecam.analysis.rule import NO_RULES, RuleBook
from edgecam.analysis.rules import Rules
from edgecam.analysis.scene_health import SceneHealthJudge
from edgecam.analysis.settings import AnalysisSettings
from edgecam.analysis.sighting import Detector, Sighting
from edgecam.analysis.statistics import Statistics
from edgecam.analysis.track import Track
from edgecam.analysis.tracks import Tracks
from edgecam.analysis.unnamed import Unnamed
from edgecam.analysis.unusualrules import Unusual
from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import BadInput
from edgecam.core.events import Event
from edgecam.core.smallframes import SmallFrame
from edgecam.core.status import Fault

_LONGEST_STEP_S: Final = 2.0
_FORGET_AFTER_S: Final = 30.0
_UNSEEING_S: Final = 10.0
_DUE_SLACK: Final = 0.25
MASK_FILL: Final = (32, 128, 128)


def random_id() -> str:
    """A new event's identity: 32 hex digits, random."""
    return uuid.uuid4().hex


class Analyser:
    """Looks at one camera's masked small frames. One thread uses it; memory is bounded."""

    def __init__(
        self,
        size: tuple[int, int],
        settings: AnalysisSettings,
        detector: Detector | None,
        *,
        rules: RuleBook = NO_RULES,
        normality: NormalityJudge | None = None,
        statistics: Statistics | None = None,
        new_id: Callable[[], str] = random_id,
        fill: tuple[int, int, int] = MASK_FILL,
        left: LeftOpen = NONE_LEFT,
    ) -> None:
        """``size`` is the small picture's width and height in pixels, ``fill`` the masks' Y, U and V.

        ``normality`` and ``statistics`` learn and outlive the analyser; ``left`` is what an earlier process left
        open. Without a detector nothing is named.
        """
        self._size = size
        self._settings = settings
        self._detector = detector
        self._motion = MotionModel(*size)
        self._planner = CropPlanner(*size, settings.crops_per_s, settings.crops_per_look)
        self._near_rules = CropPlanner(*size, settings.rule_crops_per_s, settings.rule_crops_per_look)
        self._tracks = Tracks(settings)
        self._scene = SceneHealthJudge(*size, fill)
        self._rules = Rules(rules, size, fill)
        self._plain: tuple[Judge, ...] = (Appearances(), Unnamed(settings))
        self._seeing: list[Judge] = [self._rules]
        self._seeing += [Unusual(normality, rules, size)] if normality is not None else []
        self._seeing += [statistics] if statistics is not None else []
        self._by_the_clock = [one for one in (normality, statistics) if one is not None]
        self._ledger = Ledger(size, settings.kinds, new_id, left)
        self._last_s: float | None = None
        self._due_s = float("-inf")
        self._last_wall_ns = 0
        self._unseeing_s = 0.0
        self.looks = 0
        self.crops = 0

    @property
    def faults(self) -> Sequence[Fault]:
        """What keeps rules from working now."""
        return self._rules.faults

    @property
    def tracks(self) -> Sequence[Track]:
        """Every live object after the newest look, confirmed or not."""
        return self._tracks.live

    def observe(self, frame: SmallFrame, trust: int = 0, *, expected_change: bool = False) -> list[Event]:
        """What opened, changed or ended with this frame; ``trust`` is the wall clock's, for events that open.

        ``expected_change`` says that the camera itself changes the light just now: its filter moves, its lamp goes
        on. What the picture shows then is neither motion nor trouble, and nothing is learned of it.

        Raises: BadInput when the picture is of another size than the analyser was made for.
        """
        width, height = frame.picture.width, frame.picture.height
        if (width, height) != self._size:
            raise BadInput(
                f"the small picture is {width}x{height}, not {self._size[0]}x{self._size[1]}",
                do="make a new analyser for the new size",
            )
        now_s = frame.captured_mono_ns / NS_PER_S
        elapsed_s = self._elapsed(now_s)
        if elapsed_s is None:
            return []
        events = self._ledger.at(now_s, trust)
        for learner in self._by_the_clock:
            learner.at_trust(trust)
        if elapsed_s > _FORGET_AFTER_S or elapsed_s < 0:
            events += self._ledger.take([*self._forget(), *self._scene.forget(frame.wall_ns)])
        elapsed_s = min(max(elapsed_s, 0.0), _LONGEST_STEP_S)
        self._last_wall_ns = frame.wall_ns
        if frame.private:
            found = [*self._forget(), *self._scene.observe_private(frame.aim, now_s, frame.wall_ns)]
        else:
            found = self._look(frame, now_s, elapsed_s, expected_change)
        return events + self._ledger.take(found)

    def observe_nothing(self, mono_ns: int, wall_ns: int) -> list[Event]:
        """What is to be told when no frame came although the camera should film; call it about once a second."""
        return self._ledger.take(self._scene.observe_nothing(mono_ns / NS_PER_S, wall_ns))

    def close(self) -> list[Event]:
        """End every open event where it was last seen; for the end of a video or of the process."""
        ended = [*self._forget(), *self._scene.forget(self._last_wall_ns)]
        return self._ledger.take(ended) + self._ledger.abandon()

    def _elapsed(self, now_s: float) -> float | None:
        """Capture seconds since the last look, or ``None`` when the next look is not due yet."""
        if (
            self._last_s is not None
            and now_s >= self._last_s
            and now_s < self._due_s - _DUE_SLACK / self._settings.looks_per_s
        ):
            return None
        period_s = 1.0 / self._settings.looks_per_s
        elapsed_s = 0.0 if self._last_s is None else now_s - self._last_s
        late = self._last_s is None or elapsed_s < 0 or now_s - self._due_s > period_s
        self._due_s = now_s + period_s if late else self._due_s + period_s
        self._last_s = now_s
        return elapsed_s

    def _forget(self) -> list[Finding]:
        """Everything but the scene's health begins anew; gives the ends of what was open."""
        ended: list[Finding] = []
        for judge in (*self._plain, *self._seeing):
            ended += judge.forget(self._last_wall_ns)
        self._tracks.forget()
        self._motion.forget()
        self._planner.forget()
        self._near_rules.forget()
        return ended

    def _look(self, frame: SmallFrame, now_s: float, elapsed_s: float, expected: bool) -> list[Finding]:
        self.looks += 1
        if expected:
            self._motion.forget()
        regions = self._motion.observe(frame.picture.y, elapsed_s)
        before = Look(now_s, frame.wall_ns, elapsed_s, frame.picture, self._motion, regions, self._tracks.live)
        found = self._scene.observe(before, frame.aim, expected)
        if self._scene.relearned:
            self._motion.forget()
            # What lay still and who stayed were of another picture.
            found += [ended for judge in self._seeing for ended in judge.forget(frame.wall_ns)]
        if self._scene.blind or self._scene.relearned:
            regions = []
        # While that is only suspected, what was seen already is followed: it may be a lorry that fills the view.
        blind = expected or (self._scene.blind and self._scene.open_kind is not None)
        crops, sightings = ([], []) if blind else self._inspected(frame, now_s, elapsed_s, regions)
        self._tracks.observe(now_s, frame.wall_ns, crops, sightings, self._motion)
        look = replace(before, regions=regions, tracks=self._tracks.live)
        for judge in self._plain:
            found += judge.observe(look)
        return found + self._seen(look, blind)

    def _seen(self, look: Look, blind: bool) -> list[Finding]:
        """What those say who must see the scene: they rest while it is out of sight, for long they begin anew."""
        found: list[Finding] = []
        was_s, self._unseeing_s = self._unseeing_s, self._unseeing_s + look.elapsed_s if blind else 0.0
        for judge in self._seeing:
            if not blind:
                found += judge.observe(look)
            elif was_s <= _UNSEEING_S < self._unseeing_s:
                found += judge.forget(look.wall_ns)
        return found

    def _inspected(
        self, frame: SmallFrame, now_s: float, elapsed_s: float, regions: list[Region]
    ) -> tuple[list[Box], list[Sighting]]:
        if self._detector is None:
            return [], []
        named = [track.predicted(now_s).grown_by(0.2) for track in self._tracks.live]
        whole = merged(regions, 0.025 * self._size[0])
        fresh = [region for region in whole if not _within(region.box, named)]
        crops = self._planned(now_s, elapsed_s, fresh)
        if not crops:
            return [], []
        self.crops += len(crops)
        sightings = self._detector.detect(frame.picture, crops)
        good = [sighting.box for sighting in sightings if sighting.score >= self._settings.object_score]
        for planner in (self._near_rules, self._planner):
            planner.judge(now_s, crops, fresh, good)
        return crops, sightings

    def _planned(self, now_s: float, elapsed_s: float, fresh: list[Region]) -> list[Box]:
        """The crops of this look; what is in or near the place of a rule comes first, on a budget of its own."""
        urgent, due = self._tracks.urgent(now_s), self._tracks.due(now_s)
        matters = self._rules.matters
        near = [region for region in fresh if matters(region.box)]
        crops = self._near_rules.plan(
            now_s, elapsed_s, [box for box in urgent if matters(box)], near, [box for box in due if matters(box)]
        )

        def is_left(box: Box) -> bool:
            return not matters(box) and not _within(box, crops)

        far = [region for region in fresh if is_left(region.box)]
        soon, later = [box for box in urgent if is_left(box)], [box for box in due if is_left(box)]
        return crops + self._planner.plan(now_s, elapsed_s, soon, far, later)


def _within(box: Box, places: list[Box]) -> bool:
    return any(share_inside(box, place) > 0.6 for place in places)
