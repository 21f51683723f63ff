"""The broker is killed and started again, and everybody comes back at once."""

from __future__ import annotations

from dataclasses import dataclass

from parts.fleetcontrol import Fleet, until
from parts.fleetload import Neighbours


@dataclass(frozen=True, slots=True)
class Waits:
    """How long cameras wait before they try again: the first time up to ``first_s``, then twice that, to ``cap_s``.

    Without ``jitter`` all of them wait exactly so long.
    """

    first_s: float
    cap_s: float
    jitter: bool


@dataclass(frozen=True, slots=True)
class Storm:
    """``recovery_s`` is from the kill to the last camera back, ``None`` when the limit passed before.

    ``too_early`` counts failed tries that began while nobody listened, which took ``down_s``; ``failed`` all
    others, by cause. ``lost_again`` were connected and lost it once more. CPU and memory are the new broker's.
    """

    recovery_s: float | None
    back: int
    down_s: float
    tries: int
    too_early: int
    failed: dict[str, int]
    lost_again: int
    cpu_s: float
    rss_mb: float
    around: str


def storm(fleet: Fleet, waits: Waits, limit_s: float) -> Storm:
    """Kill the broker, start it again at once, and wait until all are back, ``limit_s`` at most."""
    cameras = fleet.city.cameras
    fleet.ask("brace", first_wait_s=waits.first_s, cap_s=waits.cap_s, jitter=waits.jitter)
    neighbours = Neighbours()
    killed_s = fleet.broker.kill()
    listens_s = fleet.broker.start()

    def all_back() -> bool:
        told = fleet.look()
        return told.ended.total() >= cameras and told.there == cameras

    came = until(all_back, limit_s)
    usage = fleet.broker.usage()
    told = fleet.settled()
    fleet.await_watchers()
    failed = told.failures(since_s=listens_s)
    return Storm(
        recovery_s=told.last_back_s - killed_s if came else None,
        back=told.there,
        down_s=listens_s - killed_s,
        tries=told.tries,
        too_early=len(told.failed) - sum(failed.values()),
        failed=failed,
        lost_again=told.ended.total() - cameras,
        cpu_s=usage.cpu_s,
        rss_mb=usage.peak_rss_mb,
        around=neighbours.told(),
    )
