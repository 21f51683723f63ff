"""The supervisor: starts recorder, observer and hub, restarts what dies, shows how it goes, stops them in order.

While a camera is new, it starts the hub alone, which serves the first run; the others follow when there is a ring.
"""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from edgecam.core.clock import NS_PER_S, SystemClock
from edgecam.core.errors import EdgecamError, Unavailable
from edgecam.core.process import RESTARTS, SUPERVISED, stop_on_signals
from edgecam.core.status import HubStatus, ObserverStatus, RecorderStatus, read_status
from edgecam.part import FAILED, REFUSED
from edgecam.places import Places, find_places, prepare_run_dir
from edgecam.restartorder import RestartOrders
from edgecam.settings import Settings
from edgecam.stage import Stage, setup_code, stage_of
from edgecam.starts import BACK_OFF_S, HEALTHY_S, back_off_s
from edgecam.telemetry.broker import EmbeddedBroker

_log = logging.getLogger(__name__)
SOURCE_OVERRIDE = "EDGECAM_SOURCE"
_REFUSED_EXIT = 1
# Waking OpenCV's helper threads takes longer than what they could help with; one heap serves few threads.
_FOR_NATIVE_CODE = {"OPENCV_FOR_THREADS_NUM": "1", "MALLOC_ARENA_MAX": "1"}
_LOOK_EVERY_S = 0.1
_STOP_WITHIN_S = 10.0
# A part that has said nothing for so long hangs, and is killed; a board's slow start has longer.
_HUNG_AFTER_S = 15.0
_STARTS_WITHIN_S = 30.0
_STALLED_S = 5
_STATUS_OF = {"recorder": RecorderStatus, "observer": ObserverStatus, "hub": HubStatus}


@dataclass
class Part:
    """One child process and its recent luck. Owned by the supervisor's thread."""

    name: str
    process: subprocess.Popen[bytes] | None = None
    started_ns: int = 0
    falls: int = 0
    due_ns: int = 0
    deaths: int = 0
    beat_ns: int = 0
    # When a part that was told to end has to have ended; 0 when nobody told it.
    end_by_ns: int = 0


@dataclass
class Supervisor:
    """Keeps the three parts alive until told to stop; one thread."""

    settings: Settings
    places: Places
    source: str | None = None
    clock: SystemClock = field(default_factory=SystemClock)

    def __post_init__(self) -> None:
        self.stage = Stage.READY
        self.parts = self._parts()
        self._orders = {name: RestartOrders(self.places, name) for name in BACK_OFF_S}
        self.broker_complaint = ""
        self._looked_ns = self.clock.mono_ns()
        self._stage_ns = 0
        self._from_first_run = False
        self._broker: EmbeddedBroker | None = None

    def _parts(self) -> list[Part]:
        """The first one is what it is all about: its end, or its refusal, is the agent's."""
        names = ["recorder", "observer", "hub"] if self.stage is Stage.READY else ["hub"]
        return [Part(name) for name in names if name != "observer" or self.settings.analysis.enabled]

    def first_run(self) -> tuple[str, str] | None:
        """Where the first run is served, and the code that it asks for; ``None`` when there is none, or not yet.

        The code is empty when the camera has an owner.
        """
        if self.stage is Stage.READY:
            return None
        said = read_status(self.places.status_of("hub"), HubStatus)
        if said is None or not said.page:
            return None
        return said.page, "" if self.places.recipients.exists() else setup_code(self.places)

    def run(self, stop: threading.Event, for_s: float | None, show: Callable[[Supervisor], None]) -> int:
        """Run until ``stop``, ``for_s`` seconds, or a part that refuses for good. Returns the exit code."""
        prepare_run_dir(self.places)
        lock = _only_one(self.places.agent_lock)
        try:
            self.stage = stage_of(self.places)
            self.parts = self._parts()
            self._forget_last_run()
            # Before the broker, which may take seconds to find that its port is in use.
            self._start(self.parts[0], self.clock.mono_ns())
            if self.stage is Stage.READY:
                self._start_broker()
            until_ns = None if for_s is None else self.clock.mono_ns() + int(for_s * NS_PER_S)
            code: int | None = None
            while code is None and not stop.is_set():
                code = self._look()
                show(self)
                if until_ns is not None and self.clock.mono_ns() >= until_ns:
                    code = self._recorded_anything()
                stop.wait(_LOOK_EVERY_S)
            return code or 0
        finally:
            self._stop_all()
            os.close(lock)

    def _recorded_anything(self) -> int:
        """What a run of limited time comes to. Raises: Unavailable when it has nothing to show for it."""
        if self.stage is not Stage.READY:
            raise Unavailable("nothing was recorded: this camera is not set up yet", do="run `edgecam setup`")
        said = read_status(self.places.status_of("recorder"), RecorderStatus)
        if said is None or not (said.segments or said.resting):
            why = said.faults[0].sentence if said is not None and said.faults else "the recorder did not come up"
            raise Unavailable(f"nothing was recorded: {why}")
        return 0

    def _forget_last_run(self) -> None:
        for part in self.parts:
            self.places.status_of(part.name).unlink(missing_ok=True)
            self._orders[part.name].forget()

    def _start_broker(self) -> None:
        if self.settings.telemetry.broker != "embedded":
            return
        broker = EmbeddedBroker(self.settings.telemetry.embedded_port, self.places.run_dir)
        try:
            broker.start()
        except Unavailable as busy:
            # Telemetry is worth a sentence, never the recording.
            self.broker_complaint = str(busy)
        else:
            self._broker = broker

    def _look(self) -> int | None:
        """Start what is due, answer what died. An exit code when the recorder is done or can never work."""
        now_ns = self.clock.mono_ns()
        if now_ns - self._looked_ns > NS_PER_S * _STALLED_S:
            # The whole machine stood still, or slept: that is nobody's silence.
            for part in self.parts:
                part.beat_ns = now_ns
        self._looked_ns = now_ns
        if self.stage is not Stage.READY:
            self._look_at_stage(now_ns)
        for part in self.parts:
            if part.process is None:
                if now_ns >= part.due_ns:
                    self._start(part, now_ns)
            elif (code := part.process.poll()) is not None:
                first = part is self.parts[0] and not part.end_by_ns
                if first and (over := self._over(part, code, now_ns)) is not None:
                    return over
                self._fell(part, now_ns)
            elif self._hangs(part, now_ns) or 0 < part.end_by_ns <= now_ns:
                _log.warning("the %s hangs and is started anew", part.name)
                part.process.kill()
            elif self._is_ordered(part, now_ns):
                _log.warning("the %s is restarted by order", part.name)
                part.end_by_ns = now_ns + int(_STOP_WITHIN_S * NS_PER_S)
                part.process.send_signal(signal.SIGTERM)
        return None

    def _look_at_stage(self, now_ns: int) -> None:
        """Once a second: whether the first run has come so far that there is something to record into."""
        if now_ns - self._stage_ns < NS_PER_S:
            return
        self._stage_ns = now_ns
        self.stage = stage_of(self.places)
        if self.stage is not Stage.READY:
            return
        _log.warning("the camera has an owner and a ring: it records")
        self._from_first_run = True
        self.settings, self.places = find_places(self.places.settings)
        # The hub that served the first run ends by itself, and comes back as any other.
        hub = self.parts[0]
        self.parts = [hub if part.name == "hub" else part for part in self._parts()]
        self._start_broker()

    def _is_ordered(self, part: Part, now_ns: int) -> bool:
        """Whether a running ``part`` is to be restarted now, for new settings or by command; the order is taken."""
        return not part.end_by_ns and self._orders[part.name].due(now_ns)

    def _hangs(self, part: Part, now_ns: int) -> bool:
        """Whether ``part`` runs but has said nothing for too long; its status is read about once a second."""
        heard_ns = max(part.beat_ns, part.started_ns)
        if now_ns - heard_ns < NS_PER_S:
            return False
        said = read_status(self.places.status_of(part.name), _STATUS_OF[part.name])
        if said is not None and said.beat_mono_ns > part.started_ns:
            part.beat_ns = max(part.beat_ns, said.beat_mono_ns)
            return now_ns - part.beat_ns > _HUNG_AFTER_S * NS_PER_S
        return now_ns - part.started_ns > _STARTS_WITHIN_S * NS_PER_S

    def _over(self, first: Part, code: int, now_ns: int) -> int | None:
        """The agent's exit code when the end of the first part is the agent's: done, or refused in a sentence."""
        if code == 0:
            # A hub that is done with the first run is not the end.
            return 0 if first.name == "recorder" else None
        if self._from_first_run:
            # Whoever sets the camera up stands before its page, and learns there what is wrong.
            return None
        # What fails at the very start is told to who starts it; what fails later is tried again without end.
        at_once = first.deaths == 0 and now_ns - first.started_ns < HEALTHY_S * NS_PER_S
        refused = code == REFUSED or (code == FAILED and at_once)
        return _REFUSED_EXIT if refused else None

    def _start(self, part: Part, now_ns: int) -> None:
        told = {SUPERVISED: str(os.getpid()), RESTARTS: str(part.deaths)}
        environment = dict(os.environ, **_FOR_NATIVE_CODE, **told)
        if self.source is not None:
            # A stream's address may carry a password: the environment is for this user's eyes only.
            environment[SOURCE_OVERRIDE] = self.source
        part.process = subprocess.Popen(
            [sys.executable, "-m", f"edgecam.{part.name}", str(self.places.settings)],
            env=environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        part.started_ns = part.beat_ns = now_ns

    def _fell(self, part: Part, now_ns: int) -> None:
        healthy = now_ns - part.started_ns >= HEALTHY_S * NS_PER_S or part.end_by_ns
        part.falls = 0 if healthy else part.falls
        part.end_by_ns = 0
        part.due_ns = now_ns + int(back_off_s(part.name, part.falls) * NS_PER_S)
        part.falls += 1
        part.deaths += 1
        part.process = None
        if now_ns >= part.due_ns:
            self._start(part, now_ns)

    def _stop_all(self) -> None:
        """Recorder and observer first, so that the hub can still tell the broker of a clean stop."""
        self._stop([part for part in self.parts if part.name != "hub"])
        self._stop([part for part in self.parts if part.name == "hub"])
        if self._broker is not None:
            self._broker.stop()

    def _stop(self, parts: list[Part]) -> None:
        for part in parts:
            if part.process is not None:
                part.process.send_signal(signal.SIGTERM)
        for part in parts:
            if part.process is None:
                continue
            try:
                part.process.wait(_STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                part.process.kill()
                part.process.wait()


def supervise(
    settings_path: Path, source: str | None, for_s: float | None, show: Callable[[Supervisor], None]
) -> int:
    """Run the whole agent in the foreground. Raises: EdgecamError when it cannot even begin."""
    settings, places = find_places(settings_path)
    if stage_of(places) is Stage.NEW:
        # Only here: what makes a camera is larger than all of this process.
        from edgecam.newcamera import begin_camera

        begin_camera(places)
        # The passing folder is named after the state folder, which was not there before.
        settings, places = find_places(settings_path)
    return Supervisor(settings, places, source).run(stop_on_signals(), for_s, show)


def _only_one(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as held:
        os.close(descriptor)
        raise _already_running() from held
    return descriptor


def agent_running(places: Places) -> bool:
    """Whether an agent runs on this state folder now."""
    try:
        os.close(_only_one(places.agent_lock))
    except Unavailable:
        return True
    except OSError:
        return False
    return False


def _already_running() -> EdgecamError:
    return Unavailable("edgecam already runs with these settings", do="stop the other one first")
