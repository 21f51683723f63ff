"""The hub: talks to the broker and serves the page. It reads the ring as ciphertext and never sees the camera."""

from __future__ import annotations

import gc
import os
import threading

from edgecam import __version__
from edgecam.appliance.release import running_version
from edgecam.commandacts import Camera
from edgecam.commanding import Commanding
from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.process import restarts
from edgecam.core.status import HubStatus, publish_status
from edgecam.custody.register.register import Register
from edgecam.firststart import first_start_faults
from edgecam.keys.camera import load_camera_key
from edgecam.masking.maskstore import MaskStore
from edgecam.part import run_part
from edgecam.places import Places
from edgecam.reports import Reports
from edgecam.sealedto import ToldSealing
from edgecam.serving import Serving
from edgecam.settings import Settings
from edgecam.setuphub import SetupHub
from edgecam.stage import Stage, stage_of
from edgecam.telemetry.board import Board
from edgecam.telemetry.health import tell_health
from edgecam.telemetry.healthmessage import Health
from edgecam.telemetry.versionmark import version_since
from edgecam.telling import Telling
from edgecam.updatedesk import UpdateDesk
from edgecam.web.condition import faults
from edgecam.web.parts import CameraStatus

_STATUS_EVERY_S = 1.0
# Until then recorder and observer may be silent because they are still starting.
_STARTING_S = 15


class Hub:
    """Composes telling, serving and commanding; `run` blocks until told to stop."""

    def __init__(self, settings: Settings, places: Places, clock: Clock) -> None:
        self._places, self._clock = places, clock
        self._since_ns = clock.mono_ns()
        key = load_camera_key(places.camera_key)
        register = Register(places.register, key.sign, key.public, clock, settings.retention.timezone)
        self._masks, self._sealing = MaskStore(places.masks, key), ToldSealing(places, key)
        self._board = Board(places.state_dir)
        self._first_start = first_start_faults(places.first_start)
        self._version_since = version_since(places.version_mark, running_version(), clock)
        self._updates = UpdateDesk(settings, places.settings, register, clock)
        self._reports = Reports(places, clock, observes=settings.analysis.enabled)
        camera = Camera(settings, places, key, register, self._health, clock, lambda: self._updates.waiting)
        self._commanding = Commanding(camera)
        self._telling = Telling(
            settings, places, key, register, self._reports, self._health, self._commanding.obey, clock
        )
        self._serving = Serving(
            settings,
            places,
            key,
            register,
            self._masks,
            self._reports,
            self._camera_status,
            self._updates,
            clock,
        )

    def run(self, stop: threading.Event) -> None:
        """Tell and serve until ``stop``."""
        self._commanding.start(self._telling.answer)
        self._telling.start()
        self._serving.start()
        # A full collection over all that stays for good takes 20 ms on a server, while an alarm may wait.
        gc.freeze()
        while not stop.wait(_STATUS_EVERY_S):
            self._serving.require_tending()
            self._sealing.look()
            publish_status(self._places.status_of("hub"), self._status())
        self._serving.stop()
        self._commanding.stop()
        self._telling.stop()

    def _camera_status(self) -> CameraStatus:
        return CameraStatus(self._reports.recorder(), self._reports.observer(), self._status())

    def _status(self) -> HubStatus:
        waiting = self._telling.waiting()
        return HubStatus(
            pid=os.getpid(),
            beat_mono_ns=self._clock.mono_ns(),
            restarts=restarts(),
            broker=self._telling.broker,
            broker_address=self._telling.address,
            outbox=waiting.events,
            outbox_lost=sum(waiting.losses.values()),
            outbox_losses={cause.value: count for cause, count in waiting.losses.items() if count},
            page=self._serving.address,
            faults=[
                *self._first_start,
                *self._updates.faults,
                *self._serving.faults,
                *waiting.faults,
                *self._telling.faults,
                *self._commanding.faults,
            ],
        )

    def _health(self) -> Health:
        said = self._camera_status()
        now = self._clock.now()
        found = faults(said, now.mono_ns)
        if now.mono_ns - self._since_ns < _STARTING_S * NS_PER_S:
            found = [fault for fault in found if not fault.code.endswith("_silent")]
        codes = [fault.code for fault in found]
        silent = [code.removesuffix("_silent") for code in codes if code.endswith("_silent")]
        return tell_health(
            now=now,
            version=__version__,
            version_since=self._version_since,
            update_waiting=self._updates.waiting,
            recorder=said.recorder,
            observer=said.observer,
            hub=said.hub,
            silent=silent,
            board=self._board.read(),
            memory_of=self._board.memory_of,
            mask_state=self._masks.state(),
            faults=found,
        )


def _compose(settings: Settings, places: Places, clock: Clock) -> Hub | SetupHub:
    os.nice(5)  # the recorder comes first
    if stage_of(places) is not Stage.READY:
        return SetupHub(settings, places, clock)
    return Hub(settings, places, clock)


if __name__ == "__main__":
    # python -m edgecam.hub SETTINGS
    run_part("hub", _compose)
