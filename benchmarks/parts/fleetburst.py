"""Thousands of alarms in a moment, and a watcher that is slower than they come."""

from __future__ import annotations

import time
from dataclasses import dataclass

from parts.fleetcontrol import Fleet, until
from parts.fleetload import Neighbours
from parts.fleetsteady import waits_ms


@dataclass(frozen=True, slots=True)
class Burst:
    """Identities: sent, and delivered to each watcher; counts of what came twice; seconds from the first alarm.

    ``p99_ms`` is the time from sending to the broker's acknowledgement.
    """

    sent: set[str]
    acknowledged: int
    delivered: set[str]
    delivered_slowly: set[str]
    twice: int
    acknowledged_s: float
    delivered_s: float
    slowly_s: float
    p99_ms: float
    around: str


def burst(fleet: Fleet, alarms: int, over_s: float, before: set[str], limit_s: float) -> Burst:
    """Have ``alarms`` told; wait until everybody has them all, ``limit_s`` at most.

    ``before`` are events that were told earlier, which the watchers have heard too: they are part of the result.
    """
    neighbours, began_s = Neighbours(), time.monotonic()
    fleet.look(anew=True)
    sent = fleet.tell(alarms, over_s)
    until(lambda: fleet.look().acknowledged["event"] >= alarms, limit_s)
    told = fleet.settled()
    watchers = (fleet.watcher, fleet.slow)
    wanted = alarms + len(before)
    until(lambda: all(one.ask("report", anew=False)["events"] >= wanted for one in watchers), limit_s)
    last_s = [one.ask("report", anew=False)["last_event_s"] - began_s for one in watchers]
    fast, slow = (one.ask("events") for one in watchers)
    return Burst(
        sent=sent | before,
        acknowledged=told.acknowledged["event"],
        delivered=set(fast),
        delivered_slowly=set(slow),
        twice=sum(fast.values()) + sum(slow.values()) - len(fast) - len(slow),
        acknowledged_s=told.last_acknowledged_s - began_s,
        delivered_s=last_s[0],
        slowly_s=last_s[1],
        p99_ms=waits_ms(told)[1],
        around=neighbours.told(),
    )
