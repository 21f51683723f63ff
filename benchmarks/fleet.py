"""A city's cameras on one broker: a real Mosquitto with the project's own files, over loopback, all on one machine.

**The broker** runs the configuration that `edgecam broker init` writes: TLS 1.3, a client certificate for each,
rights by name, its queue limits. A second listener without TLS is the benchmark's own. Each camera has a
certificate of its own from that authority.

**The cameras** are sockets in two processes, each driven by one epoll. The agent's MQTT client connects and shakes
hands blocking, one after the other, which would be no storm. So what they say is captured once from the agent's own
`Connection` and `Voice` and said with other names: CONNECT with its will, `online`, the subscription to commands,
health, events. They wait, give up and come back as the agent does, by `Backoff` and the agent's timeouts. A
`Credentials` context is made once for each and kept; the agent makes one for each try.

**The phases**, with TLS and then without: all connect within a minute; a minute in which nothing happens but
health and some events; the broker is killed (SIGKILL) and started again, with the agent's back-off and with one
that has no jitter; with TLS, three sites vanish and return; a burst of alarms, with a watcher that reads 1,000 a
second.

**Counted** are the broker's CPU and peak memory by the kernel; tries that did not end in a CONNACK that says yes;
and alarms by identity at two watchers that are plain paho clients. Tries that began while nobody listened are told
apart: no behaviour of a camera can make them succeed.

Cameras and broker share the machine: where it has two cores, cameras are as slow as the broker. Ten to twelve
minutes and 2 GB of memory; how far it has come is told on standard error.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

# `edgecam bench` runs this file by its path, so nothing has told Python where its parts are.
sys.path.insert(0, str(Path(__file__).parent))

from parts.fleetbroker import Broker, broker
from parts.fleetburst import burst
from parts.fleetcity import City
from parts.fleetcontrol import Credentials, fleet
from parts.fleetfigures import Course, figures
from parts.fleetoutage import outage
from parts.fleetsteady import connect, steady
from parts.fleetstorm import Waits, storm
from parts.machine import machine
from parts.mosquittopath import mosquitto_path
from parts.ringdisk import work_folder

from edgecam.core.errors import BadInput
from edgecam.telemetry.backoff import CROWD_S, Backoff
from edgecam.telemetry.connection import Manner

# The broker's own files and those who watch.
_OTHER_FILES = 64


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured; times in seconds, ``pace`` in alarms a second.

    ``limit_s`` bounds each wait. ``first_wait_s`` and ``cap_s`` are the back-off's after the broker hung up.
    """

    cameras: int = 11_720
    sites: int = 40
    manner: Manner = field(default_factory=Manner)
    health_period_s: float = 60.0
    steady_s: float = 60.0
    steady_events: int = 900
    first_wait_s: float = CROWD_S
    cap_s: float = Backoff().cap_s
    alarms: int = 20_000
    alarms_over_s: float = 1.0
    pace: float = 1000.0
    limit_s: float = 150.0


def measure(extent: Extent | None = None) -> dict[str, object]:
    """Run it all. Raises: BadInput when this machine cannot hold so many cameras, Unavailable without Mosquitto."""
    extent = extent or _asked()
    mosquitto_path()
    _require_ports(extent.cameras)
    with _open_files(extent.cameras + _OTHER_FILES), work_folder() as folder, broker(folder / "broker") as made:
        city = City(extent.cameras, extent.sites)
        _say(f"signing {extent.cameras} certificates")
        city.enrol(made.authority, folder / "certificates", datetime.now(UTC))
        encrypted = Credentials(str(folder / "certificates"), made.add_watcher("centre"), made.add_watcher("slow"))
        made.list_cameras(city.names())
        tls = _course(extent, city, made, encrypted)
        plain = _course(extent, city, made, Credentials())
    return {"bench": "fleet", "machine": machine(), "measures": list(figures(city, tls, plain))}


def _course(extent: Extent, city: City, made: Broker, credentials: Credentials) -> Course:
    """All phases on a fresh broker."""
    tls = bool(credentials.certificates)
    how = "TLS" if tls else "plain"
    made.forget()
    made.start()
    _say(f"{how}: preparing the cameras")
    with fleet(city, extent.manner, extent.health_period_s, extent.pace, made, credentials) as crowd:
        _say(f"{how}: connecting")
        connected = connect(crowd, extent.health_period_s, extent.limit_s)
        _say(f"{how}: waiting while nothing happens")
        calm = steady(crowd, extent.steady_s, extent.steady_events)
        _say(f"{how}: killing the broker, with jitter")
        spread = storm(crowd, Waits(extent.first_wait_s, extent.cap_s, jitter=True), extent.limit_s)
        gone = None
        if tls:
            _say(f"{how}: letting sites vanish")
            gone = outage(crowd, extent.limit_s)
        _say(f"{how}: a burst of alarms")
        heap = burst(crowd, extent.alarms, extent.alarms_over_s, calm.events, extent.limit_s)
        # Last, because it may leave a city behind that is not whole.
        _say(f"{how}: killing the broker, without jitter")
        at_once = storm(crowd, Waits(extent.first_wait_s, extent.cap_s, jitter=False), extent.limit_s)
    made.close()
    return Course(connected, calm, spread, at_once, gone, heap)


def _asked() -> Extent:
    cameras = _variable("EDGECAM_BENCH_CAMERAS", Extent().cameras, least=200)
    first_wait_s = _variable("EDGECAM_BENCH_FIRST_WAIT_S", Extent().first_wait_s, least=0.1)
    return Extent(cameras=int(cameras), first_wait_s=first_wait_s)


def _variable(name: str, default: float, least: float) -> float:
    text = os.environ.get(name) or str(default)
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not least <= number < 1e6:
        raise BadInput(f"{name} is {text!r}", do=f"use a number from {least:g} on")
    return number


@contextmanager
def _open_files(needed: int) -> Iterator[None]:
    """Let this process and those it starts open ``needed`` files. Raises: BadInput when it may not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise BadInput(
            f"the broker needs {needed} open files in one process, and {hard} are allowed here",
            do=f"raise the limit (ulimit -Hn), or try fewer: EDGECAM_BENCH_CAMERAS={hard - _OTHER_FILES}",
        )
    if soft == resource.RLIM_INFINITY or soft >= needed:
        yield
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _require_ports(cameras: int) -> None:
    """Each connection to one address takes a port of ours. Raises: BadInput when there are too few."""
    first, last = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    if cameras + _OTHER_FILES > last - first:
        raise BadInput(
            f"{cameras} cameras need as many ports, and this machine gives {last - first}",
            do="try fewer: EDGECAM_BENCH_CAMERAS",
        )


def _say(words: str) -> None:
    print(f"bench fleet: {words}", file=sys.stderr, flush=True)
