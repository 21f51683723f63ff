"""One part as a unit of systemd, without a supervisor: ready, beating, restarted by order, patient if refused."""

from __future__ import annotations

import fcntl
import ipaddress
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.durable import identity_of, open_shared
from edgecam.core.errors import Unavailable
from edgecam.core.process import RESTARTS
from edgecam.core.servicemanager import ServiceManager
from edgecam.core.status import HubStatus, ObserverStatus, RecorderStatus, read_status
from edgecam.places import Places, find_places, prepare_run_dir
from edgecam.pulse import Pulse, told
from edgecam.restartorder import RestartOrders
from edgecam.settings import Settings, WebSettings
from edgecam.stage import Stage, stage_of
from edgecam.starts import Starts, back_off_s, read_starts

_LOOK_EVERY_S: Final = 1.0
# From the beginning to the first status: what is loaded there takes its time on a board.
_STARTS_WITHIN_S: Final = 60
_REFUSED_FOR_S: Final = 30
_STATUS_OF: Final = {"recorder": RecorderStatus, "observer": ObserverStatus, "hub": HubStatus}
_log = logging.getLogger(__name__)


class Runs(Protocol):
    """A composed process."""

    def run(self, stop: threading.Event) -> None: ...


class Service:
    """The part ``name`` with the settings at ``path``; `run` blocks until ``stop``, or until it ended by itself."""

    def __init__(self, name: str, path: Path, manager: ServiceManager, stop: threading.Event, clock: Clock) -> None:
        self._name, self._path, self._manager = name, path, manager
        self._stop, self._clock = stop, clock
        self._ready = False
        # The settings as they were before anything was refused.
        self._found = identity_of(path)

    def run(self, compose: Callable[[Settings, Places, Clock], Runs]) -> None:
        """Run what ``compose`` makes, as soon as there is something to do. Raises: EdgecamError."""
        settings, places = find_places(self._path)
        prepare_run_dir(places)
        lock = _beside_no_supervisor(places.agent_lock)
        try:
            self._run(compose, settings, places)
        finally:
            os.close(lock)

    def wait_refused(self) -> None:
        """Before a part that was refused ends and is tried again: half a minute, or until other settings."""
        until_ns = self._clock.mono_ns() + _REFUSED_FOR_S * NS_PER_S
        while not self._stop.wait(_LOOK_EVERY_S) and self._clock.mono_ns() < until_ns:
            if identity_of(self._path) != self._found:
                return

    def _run(self, compose: Callable[[Settings, Places, Clock], Runs], settings: Settings, places: Places) -> None:
        starts = self._count(places)
        orders = RestartOrders(places, self._name, starts.no_command_until_ns)
        # What was ordered before is done by this start, which takes up the settings that were changed before it.
        orders.due(self._clock.mono_ns())
        self._stop.wait(back_off_s(self._name, starts.falls))
        settings, places = self._wait(orders)
        done = threading.Event()
        watching = (Pulse(os.getpid(), _page(settings.web)), places.status_of(self._name), orders, done)
        threading.Thread(target=self._watch, args=watching, name="edgecam.service", daemon=True).start()
        try:
            if not self._stop.is_set():
                compose(settings, places, self._clock).run(self._stop)
        finally:
            done.set()
            if self._stop.is_set():
                starts.ended_by_order(orders.no_command_until_ns).write(places.starts_of(self._name))

    def _count(self, places: Places) -> Starts:
        path = places.starts_of(self._name)
        starts = read_starts(path).next(self._clock.mono_ns())
        starts.write(path)
        os.environ[RESTARTS] = str(starts.count - 1)
        return starts

    def _wait(self, orders: RestartOrders) -> tuple[Settings, Places]:
        """The settings, once there is something to do; until then ready and beating, for nothing is wrong.

        Raises: BadInput.
        """
        seen = identity_of(self._path)
        settings, places = find_places(self._path)
        while why := _idle(self._name, settings, places):
            self._beat(why)
            if self._stop.wait(_LOOK_EVERY_S):
                break
            if orders.due(self._clock.mono_ns()):
                self._stop.set()
            if identity_of(self._path) != seen:
                seen = identity_of(self._path)
                settings, places = find_places(self._path)
        return find_places(self._path)

    def _watch(self, pulse: Pulse, status: Path, orders: RestartOrders, done: threading.Event) -> None:
        """Beat while the work goes on, and end it by order. Who hangs in ending is not beaten for."""
        until_ns = self._clock.mono_ns() + _STARTS_WITHIN_S * NS_PER_S
        while not done.wait(_LOOK_EVERY_S):
            now_ns = self._clock.mono_ns()
            if self._stop.is_set():
                continue
            if orders.due(now_ns):
                _log.warning("the %s is restarted by order", self._name)
                self._stop.set()
                continue
            said = read_status(status, _STATUS_OF[self._name])
            if said is not None and pulse.beats(said):
                until_ns = 0
                self._beat(told(said))
            elif self._ready and now_ns < until_ns:
                self._manager.beat("starting")

    def _beat(self, status: str) -> None:
        if not self._ready:
            self._ready = True
            self._manager.is_ready()
        self._manager.beat(status)


def _idle(part: str, settings: Settings, places: Places) -> str:
    """Why ``part`` has nothing to do, empty when it has."""
    if part != "hub" and stage_of(places) is not Stage.READY:
        return "waiting: this camera is not set up yet"
    if part == "observer" and not settings.analysis.enabled:
        return "resting: analysis is switched off"
    return ""


def _page(web: WebSettings) -> tuple[str, int]:
    """Where the page speaks HTTP, on loopback always."""
    address = ipaddress.ip_address(web.address)
    return (str(address) if address.is_loopback else "127.0.0.1"), web.port


def _beside_no_supervisor(lock: Path) -> int:
    """The descriptor of ``lock``, held as long as no supervisor may run. Raises: Unavailable while one does."""
    descriptor = open_shared(lock, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as held:
        os.close(descriptor)
        raise Unavailable("edgecam already runs with these settings", do="stop the other one first") from held
    return descriptor
