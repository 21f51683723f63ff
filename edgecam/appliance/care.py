"""The care of the board: day and night, the button, heat, saved time, the log of restarts; one loop, no network.

``python3 -m edgecam.appliance.care SETTINGS``. Each duty goes on when another fails; settings that cannot be read
leave those that need none.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edgecam.appliance.boardhealth import BoardHealth
from edgecam.appliance.imageplaces import ImagePlaces
from edgecam.appliance.lines import GpioLines, OpensLines
from edgecam.appliance.resetkeeper import ResetKeeper
from edgecam.appliance.restartlog import Evidence, RestartLog, read_evidence, read_restarts
from edgecam.appliance.savedtime import SavedTime
from edgecam.core.clock import NS_PER_S, SAVED_TIME, Clock, SystemClock
from edgecam.core.errors import BadInput, EdgecamError
from edgecam.core.process import leave_no_core, log_to_stderr, stop_on_signals
from edgecam.core.servicemanager import service_manager
from edgecam.core.status import CareStatus, Fault, publish_status
from edgecam.places import Places, find_places
from edgecam.settings import Settings
from edgecam.telemetry.board import Board

if TYPE_CHECKING:
    from edgecam.appliance.lightkeeper import LightKeeper

_TURN_S: Final = 0.1
_TURN_WITHOUT_PINS_S: Final = 1.0
_REPORT_EVERY_NS: Final = NS_PER_S
_AGAIN_NS: Final = 10 * NS_PER_S
_ALIVE_EVERY_NS: Final = 600 * NS_PER_S
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the care works with besides its settings; tests bring their own."""

    clock: Clock
    board: Board
    evidence: Callable[[], Evidence]
    opens: OpensLines
    saved_time: Path
    log_folder: Path
    reset_order: Path


class Care:
    """One thread runs it."""

    def __init__(
        self, settings: Settings, places: Places, around: Surroundings, fault: Fault | None = None
    ) -> None:
        """``fault`` is what already went wrong with the settings."""
        self._settings, self._places, self._around, self._clock = settings, places, around, around.clock
        self._settings_fault = fault
        self._faults: dict[str, Fault] = {}
        self._again_ns: dict[str, int] = {}
        self._light: LightKeeper | None = None
        self._button: ResetKeeper | None = None
        self._health = BoardHealth(around.board, places.heat, around.clock)
        self._saved = SavedTime(around.saved_time, around.clock)
        self._restarts = RestartLog(around.log_folder, around.clock)
        self._alive_ns: int | None = None
        self._manager = service_manager()
        self.status = CareStatus(pid=os.getpid())

    def run(self, stop: threading.Event) -> None:
        """Care until told to stop, then say that it was meant."""
        if self._manager is not None:
            self._manager.is_ready()
        while not stop.is_set():
            self.turn()
            stop.wait(_TURN_S if self._has_pins else _TURN_WITHOUT_PINS_S)
        self.close()

    @property
    def _has_pins(self) -> bool:
        return self._drives or self._settings.button.line >= 0

    @property
    def _drives(self) -> bool:
        return self._settings.daynight.filter_line >= 0 or self._settings.daynight.lamp_line >= 0

    def turn(self) -> None:
        """Every duty once."""
        self._duty("restarts", self._log_restart)
        self._duty("saved_time", self._saved.keep)
        self._duty("board", self._health.tend)
        if self._drives:
            self._duty("daynight", self._tend_light)
        if self._settings.button.line >= 0:
            self._duty("button", self._tend_button)
        self._report()

    def close(self) -> None:
        """The end that was meant: the time is saved, the lamp is off, the log knows of it."""
        for name, part in (("daynight", self._light), ("button", self._button)):
            if part is not None:
                self._duty(name, part.close)
        self._duty("saved_time", lambda: self._saved.keep(due=True))
        self._duty("restarts", lambda: self._restarts.keep(stopped=True))

    def _duty(self, name: str, tend: Callable[[], object]) -> None:
        """Do it; what failed is a fault, and is tried again after a while."""
        now_ns = self._clock.mono_ns()
        if now_ns < self._again_ns.get(name, 0):
            return
        try:
            tend()
        except (EdgecamError, OSError) as failed:
            if name not in self._faults:
                _log.warning("%s: %s", name, failed)
            self._faults[name] = Fault(f"care_{name}", str(failed))
            self._again_ns[name] = now_ns + _AGAIN_NS
            self._drop(name)
        else:
            self._faults.pop(name, None)

    def _drop(self, name: str) -> None:
        """Let go of lines that failed, to have them anew."""
        part: LightKeeper | ResetKeeper | None = None
        if name == "daynight":
            part, self._light = self._light, None
        elif name == "button":
            part, self._button = self._button, None
        if part is None:
            return
        try:
            part.close()
        except (EdgecamError, OSError) as gone:
            _log.info("%s: %s", name, gone)

    def _log_restart(self) -> None:
        now_ns = self._clock.mono_ns()
        if self._alive_ns is None:
            self._restarts.begin(self._around.evidence())
            known = read_restarts(self._restarts.path)
            self.status.starts = len(known)
            self.status.last_ended = known[-1].ended if known else ""
        elif now_ns - self._alive_ns < _ALIVE_EVERY_NS:
            return
        else:
            self._restarts.keep()
        self._alive_ns = now_ns

    def _tend_light(self) -> None:
        if self._light is None:
            # Only here: what looks at pictures is most of what this process would hold in RAM.
            from edgecam.appliance.lightkeeper import LightKeeper

            zone = self._settings.retention.timezone
            self._light = LightKeeper(self._settings.daynight, zone, self._places, self._clock, self._around.opens)
        self._light.tend()

    def _tend_button(self) -> None:
        if self._button is None:
            order = self._around.reset_order
            self._button = ResetKeeper(self._settings.button, order, self._clock, self._around.opens)
        self._button.tend()

    def _report(self) -> None:
        status, now_ns = self.status, self._clock.mono_ns()
        if now_ns - status.beat_mono_ns < _REPORT_EVERY_NS:
            return
        status.beat_mono_ns = now_ns
        if self._light is not None:
            status.light, status.brightness = self._light.light, self._light.brightness
            status.switches = self._light.switches
        status.button = self._button.state if self._button is not None else ""
        status.temperature_c, status.hot = self._health.reading.cpu_temperature_c, self._health.hot
        status.faults = [*self._faults.values(), *self._health.faults]
        if self._settings_fault is not None:
            status.faults.append(self._settings_fault)
        try:
            publish_status(self._places.status_of("care"), status)
        except OSError as refused:
            _log.warning("nobody can be told how the care is: %s", refused)
        if self._manager is not None:
            self._manager.beat(status.light or "cares")


def compose(path: Path, image: ImagePlaces, clock: Clock) -> Care:
    """The care of this machine with the settings at ``path``."""
    fault: Fault | None = None
    try:
        settings, places = find_places(path)
    except BadInput as refused:
        settings, places = Settings(), image.camera_places()
        fault = Fault("care_settings", f"{refused}; day and night and the button rest")
    around = Surroundings(
        clock=clock,
        board=Board(places.state_dir),
        evidence=read_evidence,
        opens=GpioLines,
        saved_time=Path(os.environ.get(SAVED_TIME) or image.system / "clock/saved"),
        log_folder=image.system / "care",
        reset_order=image.reset_order,
    )
    return Care(settings, places, around, fault)


if __name__ == "__main__":
    leave_no_core()
    log_to_stderr("care")
    asked_to_stop = stop_on_signals()
    compose(Path(sys.argv[1]), ImagePlaces(), SystemClock()).run(asked_to_stop)
