"""How a fleet comes to its broker, and what it costs while nothing happens."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import quantiles

from edgecam.core.errors import Unavailable
from parts.fleetcontrol import Fleet, until
from parts.fleetload import Neighbours
from parts.fleettally import Tally


@dataclass(frozen=True, slots=True)
class Connecting:
    """All cameras came, one after the other; ``cpu_ms`` is the broker's for each, ``failed`` tries by cause."""

    took_s: float
    cpu_ms: float
    failed: dict[str, int]
    around: str


@dataclass(frozen=True, slots=True)
class Steady:
    """A while in which nothing happens; ``cpu_share`` is of one core, ``rss_mb`` the broker's peak so far.

    ``health`` and ``pings`` are counts of what was sent, ``events`` identities; the two times are from sending to
    the broker's acknowledgement. ``ended`` are lost connections by cause.
    """

    window_s: float
    cpu_share: float
    rss_mb: float
    health: int
    pings: int
    events: set[str]
    p50_ms: float
    p99_ms: float
    ended: dict[str, int]
    around: str


def connect(fleet: Fleet, over_s: float, limit_s: float) -> Connecting:
    """Raises: Unavailable when they are not all there ``limit_s`` after the last one began."""
    neighbours, began_s, before = Neighbours(), time.monotonic(), fleet.broker.usage()
    fleet.ask("connect", over_s=over_s)
    if not until(lambda: fleet.look().there == fleet.city.cameras, over_s + limit_s):
        told = fleet.look(whole=True)
        raise Unavailable(
            f"only {told.there} of {fleet.city.cameras} cameras reached the broker ({told.failures()})",
            do="try fewer: EDGECAM_BENCH_CAMERAS",
        )
    told = fleet.settled()
    cpu_ms = 1e3 * (fleet.broker.usage().cpu_s - before.cpu_s) / fleet.city.cameras
    return Connecting(told.last_back_s - began_s, cpu_ms, told.failures(), neighbours.told())


def steady(fleet: Fleet, window_s: float, events: int) -> Steady:
    """Wait for ``window_s`` with ``events`` in it."""
    fleet.look(anew=True)
    neighbours, began_s, before = Neighbours(), time.monotonic(), fleet.broker.usage()
    identities = fleet.tell(events, over_s=0.9 * window_s)
    time.sleep(max(0.0, began_s + window_s - time.monotonic()))
    after, took_s = fleet.broker.usage(), time.monotonic() - began_s
    told = fleet.settled()
    p50_ms, p99_ms = waits_ms(told)
    return Steady(
        window_s=took_s,
        cpu_share=(after.cpu_s - before.cpu_s) / took_s,
        rss_mb=after.peak_rss_mb,
        health=told.sent["health"],
        pings=told.sent["ping"],
        events=identities,
        p50_ms=p50_ms,
        p99_ms=p99_ms,
        ended=dict(told.ended),
        around=neighbours.told(),
    )


def waits_ms(tally: Tally) -> tuple[float, float]:
    """Median and 99th percentile of the time to an acknowledgement, in milliseconds."""
    if len(tally.waits_s) < 2:
        return 0.0, 0.0
    percentiles = quantiles(tally.waits_s, n=100, method="inclusive")
    return 1e3 * percentiles[49], 1e3 * percentiles[98]
