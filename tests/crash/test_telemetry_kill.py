"""SIGKILL between any two steps from the observer's call to the erased row: each event arrives, once by identity.

Camera and receiver are real: an observer's dispatcher, a hub's link and a Mosquitto. The process that is cut kills
itself exactly at the step that is named, so nothing depends on how fast the machine is.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
import stand

from edgecam.telemetry.address import Address
from edgecam.telemetry.dispatcher import Dispatcher

_TELEMETRY = Path(stand.__file__).parent
_BEGIN = """
import os, signal, sys, threading
sys.path.insert(0, sys.argv[1])
from pathlib import Path
import stand
from edgecam.telemetry import dispatcher, doorbell, database, outbox, pump, voice
folder, step, countdown = Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])

def die():
    global countdown
    countdown -= 1
    if countdown < 0:
        os.kill(os.getpid(), signal.SIGKILL)

def cut(cls, name, before=False):
    whole = getattr(cls, name)
    def cut_short(*given, **named):
        if before:
            die()
        told = whole(*given, **named)
        if not before:
            die()
        return told
    setattr(cls, name, cut_short)
"""
# Where each is cut: the class and method, and whether before it is done or after.
_OBSERVER_STEPS = {
    "before the bell": "cut(doorbell.Bell, 'ring', before=True)",
    "after the bell": "cut(doorbell.Bell, 'ring')",
    "before the commit": "cut(outbox.Outbox, '_trim')",
    "after the commit": "cut(outbox.Outbox, 'put')",
}
_HUB_STEPS = {
    "before it is heard": "cut(doorbell.Doorbell, 'take', before=True)",
    "heard": "cut(doorbell.Doorbell, 'take')",
    "before PUBLISH": "cut(voice.Voice, 'event')",
    "after PUBLISH": "cut(pump.Pump, '_send')",
    "at PUBACK": "cut(pump.Pump, '_answered', before=True)",
    "after PUBACK": "cut(pump.Pump, '_answered')",
    "before it is erased": "cut(outbox, '_erase_answered', before=True)",
    "while it is erased": "cut(outbox, '_erase_answered')",
    "after it was erased": "cut(outbox.Outbox, 'settle')",
}
_OBSERVER = """
teller = dispatcher.Dispatcher(folder / "outbox.sqlite", folder / "bell", stand.CLOCK)
for number in range(int(sys.argv[5]), int(sys.argv[6])):
    teller.tell([stand.event(f"e{number // 3}", number % 3)])
    print(number, flush=True)
"""
_HUB = """
from edgecam.telemetry.address import Address
with stand.outbox(folder) as box:
    bell = doorbell.Doorbell(folder / "bell")
    with stand.link(Address.parse(sys.argv[5]), box, doorbell=bell) as line:
        stand.wait_until(lambda: line.state.broker == "connected", "connected")
        print("connected", flush=True)
        threading.Event().wait()
"""


@dataclass
class Camera:
    """Both processes over one folder; each may be told to die at a step."""

    folder: Path
    broker: str

    def hub(self, step: str = "", countdown: int = 0) -> subprocess.Popen[bytes]:
        script = _BEGIN + _HUB_STEPS.get(step, "") + _HUB
        return self._start(script, step, countdown, self.broker)

    def observer(self, step: str, countdown: int, start: int, end: int) -> list[int]:
        """Tell events ``start`` to ``end``; which of them it reported put before it ended."""
        script = _BEGIN + _OBSERVER_STEPS.get(step, "") + _OBSERVER
        with self._start(script, step, countdown, str(start), str(end)) as process:
            assert process.stdout is not None
            said = process.stdout.read()
        assert process.returncode == (-9 if step else 0)
        return [int(line) for line in said.split()]

    def tell(self, start: int, end: int) -> set[int]:
        """As `observer`, here and unharmed."""
        dispatcher = Dispatcher(self.folder / "outbox.sqlite", self.folder / "bell", stand.CLOCK)
        for number in range(start, end):
            dispatcher.tell([stand.event(f"e{number // 3}", number % 3)])
        dispatcher.close()
        return set(range(start, end))

    def _start(self, script: str, step: str, countdown: int, *others: str) -> subprocess.Popen[bytes]:
        arguments = [str(_TELEMETRY), str(self.folder), step, str(countdown), *others]
        return subprocess.Popen([sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE)


def _connected(hub: subprocess.Popen[bytes]) -> None:
    assert hub.stdout is not None
    assert hub.stdout.readline() == b"connected\n"


def _arrives(camera: Camera, ear: stand.Listener, reported: set[int]) -> None:
    """With a hub alive again, all that was reported put has arrived, each event in order, and nothing is left."""
    with stand.outbox(camera.folder) as box:
        with stand.link(Address.parse(camera.broker), box):
            stand.wait_until(lambda: len(box) == 0, "the outbox runs empty")
            stand.wait_until(lambda: reported <= set(_numbers(ear)), "all arrive")
        assert (len(box), box.lost, box.faults()) == (0, 0, [])
    once = list(dict.fromkeys(_numbers(ear)))
    for event in range(max(once) // 3 + 1):
        of_one = [number for number in once if number // 3 == event]
        assert of_one == sorted(of_one)
    assert max(Counter(_numbers(ear)).values()) <= 2


def _numbers(ear: stand.Listener) -> list[int]:
    """What has arrived: three revisions of each event are numbered on."""
    events = [heard.body for heard in ear.heard if heard.topic.endswith("/event")]
    return [3 * int(body["event_id"][1:]) + body["revision"] for body in events]


@pytest.fixture
def camera(tmp_path: Path) -> Camera:
    return Camera(tmp_path, "")


def _observer_is_cut(camera: Camera, step: str, countdown: int) -> None:
    with stand.mosquitto(camera.folder) as broker, stand.listener(broker.address) as ear:
        camera.broker = str(broker.address)
        with camera.hub() as hub:
            _connected(hub)
            reported = set(camera.observer(step, countdown, 0, 20))
            assert len(reported) < 20
            reported |= camera.tell(21, 24)
            hub.kill()
        _arrives(camera, ear, reported)


def _hub_is_cut(camera: Camera, step: str, countdown: int) -> None:
    with stand.mosquitto(camera.folder) as broker, stand.listener(broker.address) as ear:
        camera.broker = str(broker.address)
        with camera.hub(step, countdown) as hub:
            # Told until it is dead: some steps come before it is connected, others only after a while.
            reported: set[int] = set()
            while hub.poll() is None:
                reported |= camera.tell(len(reported), len(reported) + 6)
                assert len(reported) < 30_000
        assert hub.returncode == -9
        reported |= camera.tell(len(reported), len(reported) + 3)
        _arrives(camera, ear, reported)


@pytest.mark.row("T2")
@pytest.mark.parametrize("step", _OBSERVER_STEPS)
def test_an_observer_that_dies_loses_nothing_that_it_reported(camera: Camera, step: str) -> None:
    _observer_is_cut(camera, step, 3)


@pytest.mark.row("T2")
@pytest.mark.parametrize("step", _HUB_STEPS)
def test_a_hub_that_dies_loses_nothing(camera: Camera, step: str) -> None:
    _hub_is_cut(camera, step, 0 if "erased" in step else 3)


@pytest.mark.long
@pytest.mark.row("T2")
@pytest.mark.parametrize("countdown", range(12))
@pytest.mark.parametrize("step", _OBSERVER_STEPS)
def test_an_observer_that_dies_anywhere(camera: Camera, step: str, countdown: int) -> None:
    _observer_is_cut(camera, step, countdown)


@pytest.mark.long
@pytest.mark.row("T2")
@pytest.mark.parametrize("countdown", range(12))
@pytest.mark.parametrize("step", [step for step in _HUB_STEPS if "erased" not in step])
def test_a_hub_that_dies_anywhere(camera: Camera, step: str, countdown: int) -> None:
    _hub_is_cut(camera, step, countdown)
