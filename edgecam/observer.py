"""The observer: looks at masked small frames, judges, leaves events in the outbox; recording goes on without it."""

from __future__ import annotations

import os
import threading

from edgecam.analysis.analyser import Analyser
from edgecam.analysis.detector import LiteRtDetector
from edgecam.analysis.settings import AnalysisSettings
from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import BadInput, DataLoss, MediaFailing, Unavailable
from edgecam.core.events import Event, EventKind
from edgecam.core.recent import RecentEvents
from edgecam.core.smallframes import SmallFrame, SmallFrames
from edgecam.core.status import Fault, ObserverStatus, publish_status
from edgecam.masking.burn import FILL_U, FILL_V, FILL_Y
from edgecam.part import run_part
from edgecam.places import Places
from edgecam.settings import Settings
from edgecam.telemetry.doorbell import Bell
from edgecam.telemetry.outbox import Outbox

_STATUS_EVERY_NS = NS_PER_S


class Observer:
    """One thread: look, judge, tell, sleep until the next look is due."""

    def __init__(self, settings: Settings, places: Places, clock: Clock) -> None:
        self._places, self._clock = places, clock
        self._chosen = _analysis_settings(settings)
        self._interval_s = 1.0 / settings.analysis.rate_fps
        self._outbox = Outbox(places.outbox, clock)
        self._bell = Bell(places.doorbell)
        self._recent = RecentEvents(places.recent_events)
        self._detector, self._detector_fault = _detector_or_fault()
        self._outbox_fault: Fault | None = None
        self._status = ObserverStatus(pid=os.getpid(), detector=self._detector.name if self._detector else "none")
        self._frames = SmallFrames(places.small_frames)
        self._analyser: Analyser | None = None
        self._size = (0, 0)

    def run(self, stop: threading.Event) -> None:
        """Look until told to stop."""
        due_ns = self._clock.mono_ns()
        while not stop.is_set():
            frame = self._frames.newest()
            if frame is not None:
                self._status.frames += 1
                analyser = self._analyser_for(frame)
                before_ns = self._clock.mono_ns()
                events = analyser.observe(frame, int(self._clock.now().trust))
                self._took(self._clock.mono_ns() - before_ns)
                for event in events:
                    self._tell(event)
            now_ns = self._clock.mono_ns()
            self._report(now_ns)
            due_ns = max(due_ns + int(self._interval_s * NS_PER_S), now_ns)
            stop.wait((due_ns - now_ns) / NS_PER_S)
        self._end_events()

    def _analyser_for(self, frame: SmallFrame) -> Analyser:
        """The one that knows this scene; a picture of another size is another scene."""
        size = frame.picture.width, frame.picture.height
        if self._analyser is None or size != self._size:
            self._end_events()
            fill = (FILL_Y, FILL_U, FILL_V)
            self._size, self._analyser = size, Analyser(size, self._chosen, self._detector, fill=fill)
        return self._analyser

    def _end_events(self) -> None:
        if self._analyser is not None:
            for event in self._analyser.close():
                self._tell(event)

    def _took(self, look_ns: int) -> None:
        """Keep the mean of about the last ten looks."""
        self._status.look_ms = round(0.9 * self._status.look_ms + 0.1 * look_ns / 1e6, 2)

    def _tell(self, event: Event) -> None:
        self._recent.add(event)
        self._status.events += event.revision == 0
        self._status.last_event, self._status.last_event_wall_ns = event.kind, event.start_wall_ns
        try:
            self._outbox.put(event)
            self._bell.ring()
        except (MediaFailing, Unavailable) as failing:
            self._outbox_fault = Fault("outbox", str(failing))
        else:
            self._outbox_fault = None

    def _report(self, now_ns: int) -> None:
        if now_ns - self._status.beat_mono_ns >= _STATUS_EVERY_NS:
            self._status.beat_mono_ns = now_ns
            self._status.faults = [fault for fault in (self._detector_fault, self._outbox_fault) if fault]
            publish_status(self._places.status_of("observer"), self._status)


def _detector_or_fault() -> tuple[LiteRtDetector | None, Fault | None]:
    try:
        return LiteRtDetector(), None
    except (BadInput, DataLoss) as unusable:
        return None, Fault("detector", f"{unusable}; motion and scene health are still reported")


def _analysis_settings(settings: Settings) -> AnalysisSettings:
    chosen = settings.analysis
    kinds = set(EventKind)
    if not chosen.person:
        kinds.discard(EventKind.PERSON)
    if not chosen.vehicle:
        kinds.discard(EventKind.VEHICLE)
    return AnalysisSettings(looks_per_s=chosen.rate_fps, kinds=frozenset(kinds), object_score=chosen.min_score)


def _compose(settings: Settings, places: Places, clock: Clock) -> Observer:
    os.nice(5)  # the recorder comes first
    return Observer(settings, places, clock)


if __name__ == "__main__":
    # python -m edgecam.observer SETTINGS
    run_part("observer", _compose)
