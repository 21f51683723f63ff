"""How long an alarm takes to a subscriber, and a burst of them; beside bare paho that publishes as many bytes."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

from parts.telemetrybroker import ROOT, Subscriber, mosquitto, subscriber
from parts.telemetryprocess import Answering, started

_WARM = 50
_EVENT = f"{ROOT}/event"
_BARE = f"{ROOT}/bare"


@dataclass(frozen=True, slots=True)
class Alerts:
    """Milliseconds from the call to the subscriber; ``on_disk_ms`` until the call returned."""

    ours_ms: list[float]
    bare_ms: list[float]
    on_disk_ms: list[float]


@dataclass(frozen=True, slots=True)
class Burst:
    """``events`` were told in looks; how long the longest look took, and until the last had arrived."""

    events: int
    arrived: int
    told_s: float
    longest_look_ms: float
    last_s: float


def alerts(folder: Path, count: int, pause_s: float) -> Alerts:
    """``count`` alarms through observer, hub and broker, and as many from bare paho, in turn."""
    with mosquitto(folder) as broker, subscriber(broker) as ear:
        host, port = broker.address.host, broker.address.port
        with started("hub", folder, host, port) as hub, started("observer", folder) as observer:
            _connected(hub)
            size = _size_of_an_alarm(ear, observer)
            with started("paho", host, port, _BARE, size) as bare:
                told = Alerts([], [], [])
                for number in range(-_WARM, count):
                    both = [(observer, _ours), (bare, _bare)]
                    # Who comes second may find the machine busy with what the first has left.
                    for sender, tell in both if number % 2 else both[::-1]:
                        tell(ear, sender, told)
                        _quiet(ear, pause_s)
                return Alerts(told.ours_ms[_WARM:], told.bare_ms[_WARM:], told.on_disk_ms[_WARM:])


def burst(folder: Path, looks: int, each: int) -> Burst:
    """``looks`` of ``each`` events, five looks a second, while the link stands."""
    with mosquitto(folder) as broker, subscriber(broker, _EVENT) as ear:
        host, port = broker.address.host, broker.address.port
        with started("hub", folder, host, port) as hub, started("burst", folder, looks, each) as observer:
            _connected(hub)
            began = time.monotonic_ns()
            observer.ask("burst")
            ear.hear(looks * each)
            longest_ns, told_ns = observer.answer()
            # Whatever came twice would come now.
            _quiet(ear, 1.5)
            last_s = (ear.arrived[looks * each - 1][0] - began) / 1e9
            return Burst(looks * each, len(ear.arrived), told_ns / 1e9, longest_ns / 1e6, last_s)


def _ours(ear: Subscriber, observer: Answering, told: Alerts) -> None:
    name = f"a{len(told.ours_ms):07d}"
    arrived_ns = _one(ear, observer, name, _EVENT)
    began_ns, kept_ns = observer.answer()
    told.ours_ms.append((arrived_ns - began_ns) / 1e6)
    told.on_disk_ms.append((kept_ns - began_ns) / 1e6)


def _bare(ear: Subscriber, bare: Answering, told: Alerts) -> None:
    arrived_ns = _one(ear, bare, f"b{len(told.bare_ms):07d}", _BARE)
    (began_ns,) = bare.answer()
    told.bare_ms.append((arrived_ns - began_ns) / 1e6)


def _one(ear: Subscriber, sender: Answering, name: str, topic: str) -> int:
    """When what ``sender`` is asked for arrives."""
    before = len(ear.arrived)
    sender.ask(name)
    while True:
        ear.hear(before + 1)
        arrived_ns, said, payload = ear.arrived[before]
        if said == topic and name.encode() in payload:
            return arrived_ns
        before += 1


def _size_of_an_alarm(ear: Subscriber, observer: Answering) -> int:
    _one(ear, observer, "size", _EVENT)
    observer.answer()
    payload = ear.arrived[-1][2]
    assert json.loads(payload)["event_id"] == "size"
    return len(payload)


def _connected(hub: Answering) -> None:
    while True:
        hub.ask()
        if hub.answer()[2]:
            return
        time.sleep(0.05)


def _quiet(ear: Subscriber, pause_s: float) -> None:
    until = time.monotonic() + pause_s
    while (left_s := until - time.monotonic()) > 0:
        ear.turn(left_s)
