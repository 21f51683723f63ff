"""The observer: looks at masked small frames, judges, leaves events in the outbox; recording goes on without it."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from edgecam.albumkeeper import AlbumKeeper
from edgecam.analysis.analyser import Analyser
from edgecam.analysis.detector import LiteRtDetector
from edgecam.analysis.ledger import NONE_LEFT, LeftOpen
from edgecam.analysis.rule import RuleBook
from edgecam.analysis.rulebook import read_rules
from edgecam.analysis.scene_health import PRECEDENCE
from edgecam.analysis.settings import AnalysisSettings
from edgecam.core.announcement import FollowedAnnouncement
from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import BadInput, DataLoss, MediaFailing, Unavailable
from edgecam.core.events import Event, EventKind
from edgecam.core.process import restarts
from edgecam.core.recent import RecentEvents
from edgecam.core.smallframes import SmallFrame, SmallFrames
from edgecam.core.status import Fault, ObserverStatus, RecorderStatus, publish_status, read_status
from edgecam.drawnrules import DrawnRules, RulesFound
from edgecam.learning import Learning
from edgecam.masking.fill import FILL_U, FILL_V, FILL_Y
from edgecam.part import run_part
from edgecam.places import Places
from edgecam.settings import Settings
from edgecam.silences import FollowedSilences
from edgecam.telemetry.dispatcher import Dispatcher

_STATUS_EVERY_NS: Final = NS_PER_S
_MOST_RULE_FAULTS: Final = 8
_LONG_AGO_NS: Final = 20 * NS_PER_S
_TOO_HOT: Final = Fault(
    "heat", "the board is too hot: the analysis looks half as often, the recording goes on; give it shade or air"
)
_log = logging.getLogger(__name__)


class Observer:
    """One thread: look, judge, tell, sleep until the next look is due."""

    def __init__(self, settings: Settings, places: Places, clock: Clock) -> None:
        self._places, self._clock = places, clock
        self._chosen = analysis_settings(settings)
        self._interval_s = 1.0 / settings.analysis.rate_fps
        self._settings, self._drawn = settings, DrawnRules(places.rules, settings.rules)
        self._rules, self._rule_faults = _rule_book(self._drawn.follow() or self._drawn.read(), settings)
        self._dispatcher = Dispatcher(places.outbox, places.doorbell, clock)
        self._silenced = FollowedSilences(places.silences, clock)
        self._light_switch = FollowedAnnouncement(places.light_switch)
        self._heat = FollowedAnnouncement(places.heat)
        self._recent = RecentEvents(places.recent_events)
        self._left = _left_open(self._recent, places, clock)
        self._learning = Learning(settings, self._rules, places, clock)
        self._detector, self._detector_fault = _detector_or_fault()
        if self._detector is None:
            # Nothing can be named now: then motion without a name is all there is to tell.
            self._chosen = replace(self._chosen, kinds=self._chosen.kinds | {EventKind.MOTION})
        self._outbox_fault: Fault | None = None
        detector = self._detector.name if self._detector else "none"
        self._status = ObserverStatus(pid=os.getpid(), detector=detector, restarts=restarts())
        self._frames = SmallFrames(places.small_frames)
        self._frame: SmallFrame | None = None
        self._album = AlbumKeeper(settings, places, clock)
        self._analyser: Analyser | None = None
        self._size = (0, 0)
        self._asked_ns = clock.mono_ns()

    def run(self, stop: threading.Event) -> None:
        """Look until told to stop."""
        try:
            self._watch(stop)
        finally:
            self._dispatcher.close()
            self._album.close()

    def _watch(self, stop: threading.Event) -> None:
        due_ns = self._clock.mono_ns()
        while not stop.is_set():
            events = self._look()
            self._tell(events)
            self._album.look(self._frame, events, self._analyser.tracks if self._analyser else ())
            now_ns = self._clock.mono_ns()
            self._report(now_ns)
            # Heat is for the recorder first: looking half as often is what cools most and costs least.
            interval_s = self._interval_s * (2 if self._heat.covers(now_ns) else 1)
            due_ns = max(due_ns + int(interval_s * NS_PER_S), now_ns)
            stop.wait((due_ns - now_ns) / NS_PER_S)
        self._end_events()
        self._learning.keep(self._clock.now(), due=True)

    def _look(self) -> list[Event]:
        """What the newest frame tells, or that there is none."""
        frame = self._frame = self._frames.newest()
        before_ns = self._clock.mono_ns()
        if frame is None:
            return self._asked(before_ns)
        self._asked_ns = before_ns
        self._status.frames += 1
        switching = self._light_switch.covers(frame.captured_mono_ns)
        trust = int(self._clock.now().trust)
        events = self._analyser_for(frame).observe(frame, trust, expected_change=switching)
        self._took(self._clock.mono_ns() - before_ns)
        return events

    def _asked(self, now_ns: int) -> list[Event]:
        """About once a second without a frame: what is to be told when the camera should film."""
        if self._analyser is None or now_ns - self._asked_ns < NS_PER_S:
            return []
        self._asked_ns = now_ns
        recorder = read_status(self._places.status_of("recorder"), RecorderStatus)
        if recorder is not None and recorder.resting:
            return []
        return self._analyser.observe_nothing(now_ns, self._clock.now().wall_ns)

    def _analyser_for(self, frame: SmallFrame) -> Analyser:
        """The one that knows this scene; a picture of another size is another scene."""
        size = frame.picture.width, frame.picture.height
        if self._analyser is None or size != self._size:
            self._end_events()
            left, self._left = self._left, NONE_LEFT
            self._size, self._analyser = (
                size,
                Analyser(
                    size,
                    self._chosen,
                    self._detector,
                    rules=self._rules,
                    # Where nothing can be named, nobody would be learned to be usual.
                    normality=self._learning.normality if self._detector else None,
                    statistics=self._learning.statistics if self._detector else None,
                    fill=(FILL_Y, FILL_U, FILL_V),
                    left=left,
                ),
            )
        return self._analyser

    def _follow_rules(self) -> None:
        """Take up what was drawn on the page since: what is open ends, and the scene is learned anew."""
        found = self._drawn.follow()
        if found is None:
            return
        before = self._rules
        self._rules, self._rule_faults = _rule_book(found, self._settings)
        if self._rules == before:
            return
        self._end_events()
        self._learning.keep(self._clock.now(), due=True)
        self._learning = Learning(self._settings, self._rules, self._places, self._clock)
        self._analyser = None
        _log.info("%d rules are in force", len(self._rules.rules))

    def _end_events(self) -> None:
        if self._analyser is not None:
            ended = self._analyser.close()
            self._tell(ended)
            self._album.forget(ended)

    def _took(self, look_ns: int) -> None:
        """Keep the mean of about the last ten looks."""
        self._status.look_ms = round(0.9 * self._status.look_ms + 0.1 * look_ns / 1e6, 2)

    def _tell(self, events: Sequence[Event]) -> None:
        """Tell what one look found, in one commit; without any it is tried again what the medium refused before."""
        for event in events:
            self._recent.add(event)
            self._status.events += event.revision == 0
            self._status.last_event, self._status.last_event_wall_ns = event.kind, event.start_wall_ns
        try:
            self._dispatcher.tell([event for event in events if not self._silenced.silences(event)])
        except (MediaFailing, Unavailable) as failing:
            self._outbox_fault = Fault("outbox", str(failing))
        else:
            if not self._dispatcher.unkept:
                self._outbox_fault = None

    def _report(self, now_ns: int) -> None:
        if now_ns - self._status.beat_mono_ns < _STATUS_EVERY_NS:
            return
        self._follow_rules()
        self._learning.keep(self._clock.now())
        self._status.beat_mono_ns = now_ns
        self._status.habits = self._learning.progress
        self._status.silences, self._status.events_silenced = self._silenced.told(), self._silenced.count
        maybe = (self._detector_fault, self._outbox_fault, self._silenced.fault)
        self._status.faults = [fault for fault in maybe if fault is not None]
        self._status.faults += [*self._rule_faults, *self._learning.faults, *self._album.faults]
        if self._heat.covers(now_ns):
            self._status.faults.append(_TOO_HOT)
        if self._analyser is not None:
            self._status.faults += self._analyser.faults
        publish_status(self._places.status_of("observer"), self._status)


def _rule_book(found: RulesFound, settings: Settings) -> tuple[RuleBook, list[Fault]]:
    """The sound ones of the rules ``found``, and what is wrong with the others, or with where they come from."""
    book, wrong = read_rules(found.tables, settings.retention.timezone)
    rest = "the other rules are kept" if book.rules else "no rule is in force"
    faults = [Fault("rule", f"{one}; {rest}") for one in wrong[:_MOST_RULE_FAULTS]]
    return book, [found.fault, *faults] if found.fault else faults


def _detector_or_fault() -> tuple[LiteRtDetector | None, Fault | None]:
    try:
        return LiteRtDetector(), None
    except (BadInput, DataLoss) as unusable:
        return None, Fault("detector", f"{unusable}; motion and scene health are still reported")


def _left_open(recent: RecentEvents, places: Places, clock: Clock) -> LeftOpen:
    """The events that an observer before this one did not end, and until when it is known to have looked."""
    now = clock.now()
    said = read_status(places.status_of("observer"), ObserverStatus)
    # Without its status (a new start of everything), nothing is known but that they began.
    silent_ns = now.mono_ns - said.beat_mono_ns if said is not None else now.wall_ns
    long_ago = silent_ns > _LONG_AGO_NS
    return LeftOpen(tuple(recent.lasting), now.wall_ns - max(silent_ns, 0), long_ago)


def analysis_settings(settings: Settings) -> AnalysisSettings:
    """What ``settings`` say about looking, as the analyser takes it."""
    chosen = settings.analysis
    switched_off = {
        EventKind.PERSON: not chosen.person,
        EventKind.VEHICLE: not chosen.vehicle,
        EventKind.BICYCLE: not chosen.bicycle,
        EventKind.ANIMAL: not chosen.animal,
        EventKind.MOTION: not chosen.motion,
    } | dict.fromkeys(PRECEDENCE, not chosen.scene)
    kinds = frozenset(kind for kind in EventKind if not switched_off.get(kind, False))
    return AnalysisSettings(looks_per_s=chosen.rate_fps, kinds=kinds, object_score=chosen.min_score)


def _compose(settings: Settings, places: Places, clock: Clock) -> Observer:
    os.nice(5)  # the recorder comes first
    return Observer(settings, places, clock)


if __name__ == "__main__":
    # python -m edgecam.observer SETTINGS
    run_part("observer", _compose)
