"""The whole analysis of one camera: small frames in, events out.

No I/O and no clock: the same frames give the same events.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Final

from edgecam.analysis.box import Box, share_inside
from edgecam.analysis.crops import CropPlanner, merged
from edgecam.analysis.ledger import Ledger
from edgecam.analysis.motion import MotionModel, Region
from edgecam.analysis.scene_health import SceneHealth, SceneWatch
from edgecam.analysis.settings import AnalysisSettings
from edgecam.analysis.sighting import Detector, Sighting
from edgecam.analysis.stirring import Stirring
from edgecam.analysis.tracks import Tracks
from edgecam.core.errors import BadInput
from edgecam.core.events import Event
from edgecam.core.smallframes import SmallFrame

_NS_PER_S: Final = 1_000_000_000
_LONGEST_STEP_S: Final = 2.0
_FORGET_AFTER_S: Final = 30.0
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
        new_id: Callable[[], str] = random_id,
        fill: tuple[int, int, int] = MASK_FILL,
    ) -> None:
        """``size`` is the small picture's width and height in pixels, ``fill`` the masks' Y, U and V.

        Without a detector there are motion and scene-health events only.
        """
        self._size = size
        self._settings = settings
        self._detector = detector
        self._motion = MotionModel(*size)
        self._planner = CropPlanner(*size, settings.crops_per_s, settings.crops_per_look)
        self._tracks = Tracks(settings)
        self._stirring = Stirring(settings)
        self._scene = SceneWatch(*size, fill, settings)
        self._ledger = Ledger(size, settings.kinds, new_id)
        self._last_s: float | None = None
        self._due_s = float("-inf")
        self._last_wall_ns = 0
        self.looks = 0
        self.crops = 0

    def observe(self, frame: SmallFrame, trust: int = 0) -> list[Event]:
        """What opened, changed or ended with this frame; ``trust`` is the wall clock's, for events that open.

        Raises: BadInput when the picture is of another size than the analyser was made for.
        """
        width, height = frame.picture.width, frame.picture.height
        if (width, height) != self._size:
            raise BadInput(
                f"the small picture is {width}x{height}, not {self._size[0]}x{self._size[1]}",
                do="make a new analyser for the new size",
            )
        now_s = frame.captured_mono_ns / _NS_PER_S
        elapsed_s = self._elapsed(now_s)
        if elapsed_s is None:
            return []
        self._ledger.at_trust(trust)
        events: list[Event] = []
        if frame.private or elapsed_s > _FORGET_AFTER_S or elapsed_s < 0:
            events += self._forget()
        elapsed_s = min(max(elapsed_s, 0.0), _LONGEST_STEP_S)
        self._last_wall_ns = frame.wall_ns
        if frame.private:
            return events
        return events + self._look(frame, now_s, elapsed_s)

    def close(self) -> list[Event]:
        """End every open event where it was last seen; for the end of a video or of the process."""
        return self._forget()

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

    def _forget(self) -> list[Event]:
        events = [self._ledger.track_ended(track) for track in self._tracks.forget()]
        stir = self._stirring.forget()
        events += [self._ledger.stir_ended(stir)] if stir else []
        events += self._ledger.scene_ended(self._last_wall_ns)
        self._motion.forget()
        self._scene.forget()
        self._planner.forget()
        return [event for event in events if event is not None]

    def _look(self, frame: SmallFrame, now_s: float, elapsed_s: float) -> list[Event]:
        self.looks += 1
        regions = self._motion.observe(frame.picture.y, elapsed_s)
        health = self._scene.observe(frame.picture, self._motion.luma, self._motion.resting, elapsed_s)
        if health.relearned:
            self._motion.forget()
            regions = []
        events: list[Event | None] = list(self._ledger.scene(health, frame.wall_ns))
        if health.covered:
            regions = []
        whole = merged(regions, 0.025 * self._size[0])
        crops, sightings = self._inspected(frame, now_s, elapsed_s, whole, health)
        changes = self._tracks.observe(now_s, frame.wall_ns, crops, sightings, self._motion)
        events += [self._ledger.track_opened(track) for track in changes.opened]
        events += [self._ledger.track_ended(track) for track in changes.closed]
        known = [track.predicted(now_s).grown_by(0.35) for track in self._tracks.live]
        opened, ended = self._stirring.observe(now_s, frame.wall_ns, elapsed_s, regions, known)
        events += [self._ledger.stir_opened(opened)] if opened else []
        events += [self._ledger.stir_ended(ended)] if ended else []
        return [event for event in events if event is not None]

    def _inspected(
        self, frame: SmallFrame, now_s: float, elapsed_s: float, regions: list[Region], health: SceneHealth
    ) -> tuple[list[Box], list[Sighting]]:
        if self._detector is None or health.covered:
            return [], []
        named = [track.predicted(now_s).grown_by(0.2) for track in self._tracks.live]
        fresh = [region for region in regions if not _within(region.box, named)]
        crops = self._planner.plan(now_s, elapsed_s, self._tracks.urgent(now_s), fresh, self._tracks.due(now_s))
        if not crops:
            return [], []
        self.crops += len(crops)
        sightings = self._detector.detect(frame.picture, crops)
        good = [sighting.box for sighting in sightings if sighting.score >= self._settings.object_score]
        self._planner.judge(now_s, crops, fresh, good)
        return crops, sightings


def _within(box: Box, places: list[Box]) -> bool:
    return any(share_inside(box, place) > 0.6 for place in places)
