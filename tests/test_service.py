"""A part as a unit: it waits while there is nothing to do, takes its own orders, and is patient when refused."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from agentstand import wait_until
from newcamerastand import NewCameraStand, take
from setclock import ForwardClock

from edgecam.core.clock import Clock, SystemClock
from edgecam.core.errors import Unavailable
from edgecam.core.process import RESTARTS
from edgecam.core.servicemanager import ServiceManager
from edgecam.core.status import ObserverStatus, publish_status
from edgecam.places import Places
from edgecam.restartorder import order_restart
from edgecam.service import Service
from edgecam.settings import Settings
from edgecam.starts import read_starts
from edgecam.supervise import agent_running
from edgecam.web.firststeps import SetupStep

pytestmark = pytest.mark.row("I3")


class HurryingClock(ForwardClock):
    """Half a minute later whenever it is asked."""

    def mono_ns(self) -> int:
        self.forward_s += 31
        return super().mono_ns()


class Working:
    """A part that reports and waits, and remembers the settings it was composed with."""

    def __init__(self, settings: Settings, places: Places, clock: Clock) -> None:
        self.settings, self._places, self._clock = settings, places, clock

    def run(self, stop: threading.Event) -> None:
        while True:
            said = ObserverStatus(pid=os.getpid(), beat_mono_ns=self._clock.mono_ns())
            publish_status(self._places.status_of("observer"), said)
            if stop.wait(0.1):
                return


class ServiceStand:
    """A new camera, and its observer as a unit in a thread."""

    def __init__(self, folder: Path, run_dir: Path) -> None:
        self.camera = NewCameraStand(folder)
        text = self.camera.places.settings.read_text()
        self.camera.places.settings.write_text(text.replace(str(folder / "run"), str(run_dir)))
        self.told: list[str] = []
        self.composed: list[Working] = []
        self._heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._heard.bind(str(folder / "notify"))
        self.stop = threading.Event()

    @property
    def places(self) -> Places:
        return self.camera.places

    def service(self, clock: Clock | None = None) -> Service:
        manager = ServiceManager(str(self.places.settings.with_name("notify")))
        return Service("observer", self.places.settings, manager, self.stop, clock or SystemClock())

    def compose(self, settings: Settings, places: Places, clock: Clock) -> Working:
        self.composed.append(Working(settings, places, clock))
        return self.composed[-1]

    @contextmanager
    def running(self) -> Iterator[threading.Thread]:
        thread = threading.Thread(target=self.service().run, args=(self.compose,))
        thread.start()
        try:
            yield thread
        finally:
            self.stop.set()
            thread.join()

    def heard(self, fact: str) -> bool:
        while True:
            try:
                self.told += self._heard.recv(4096).decode().splitlines()
            except BlockingIOError:
                return fact in self.told

    def close(self) -> None:
        self._heard.close()


@pytest.fixture
def stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServiceStand]:
    run_dir = Path(tempfile.mkdtemp(prefix="edgecam-test-", dir="/dev/shm"))
    monkeypatch.setenv(RESTARTS, "0")
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, run_dir)
        made = stack.enter_context(closing(ServiceStand(tmp_path / "camera", run_dir)))
        yield made


def test_it_waits_for_an_owner_and_a_ring_and_begins_with_the_settings_of_then(stand: ServiceStand) -> None:
    with stand.running():
        wait_until(lambda: stand.heard("STATUS=waiting: this camera is not set up yet"), "it says why it waits")
        assert stand.heard("READY=1"), "nothing is wrong with it"
        assert not stand.composed
        run = stand.camera.first_run()
        take(run, SetupStep.OWNER)
        stand.places.settings.write_text(stand.places.settings.read_text() + '[notice]\nowner = "Tanaka"\n')
        take(run, SetupStep.RETENTION)
        wait_until(lambda: stand.heard("STATUS=looking, 0.0 ms a look, 0 events"), "it works")
    assert stand.composed[0].settings.notice.owner == "Tanaka"
    assert stand.told.count("READY=1") == 1


def test_switched_off_it_rests_until_the_settings_say_otherwise(stand: ServiceStand) -> None:
    take(stand.camera.first_run(), SetupStep.OWNER)
    take(stand.camera.first_run(), SetupStep.RETENTION)
    path = stand.places.settings
    before = path.read_text()
    path.write_text(f"{before}\n[analysis]\nenabled = false\n")
    with stand.running():
        wait_until(lambda: stand.heard("STATUS=resting: analysis is switched off"), "it rests")
        assert not stand.composed
        path.write_text(before)
        wait_until(lambda: bool(stand.composed), "it looks")


def test_it_ends_by_order_and_is_counted(stand: ServiceStand) -> None:
    take(stand.camera.first_run(), SetupStep.OWNER)
    take(stand.camera.first_run(), SetupStep.RETENTION)
    places = stand.places
    order_restart(places.renewal_of("observer"), 0)
    for count in (1, 2):
        with stand.running() as thread:
            wait_until(lambda: stand.heard("READY=1"), "it works")
            assert not places.renewal_of("observer").exists(), "what was ordered before is done by a start"
            assert agent_running(places), "a supervisor beside it would be refused"
            order_restart(places.renewal_of("observer"), 0)
            thread.join()
        stand.stop.clear()
        stand.told.clear()
        assert os.environ[RESTARTS] == str(count - 1)
        starts = read_starts(places.starts_of("observer"))
        assert (starts.count, starts.falls) == (count, 0)
    assert not agent_running(places)


def test_it_does_not_run_beside_a_supervisor(stand: ServiceStand) -> None:

    with open(stand.places.agent_lock, "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Unavailable, match="already runs"):
            stand.service().run(stand.compose)


def test_refused_it_waits_for_other_settings_or_half_a_minute(stand: ServiceStand) -> None:
    refused = stand.service()
    waiting = threading.Thread(target=refused.wait_refused)
    waiting.start()
    stand.places.settings.write_text("[camera]\n")
    waiting.join(20)
    assert not waiting.is_alive()
    stand.service(HurryingClock()).wait_refused()
    stand.stop.set()
    stand.service().wait_refused()
