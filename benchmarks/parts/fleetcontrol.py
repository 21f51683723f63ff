"""A whole fleet in one hand: its broker, the crews that are its cameras, and two watchers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from edgecam.core.errors import Unavailable
from edgecam.telemetry.connection import Manner
from parts.fleetbroker import Broker, Files
from parts.fleetcity import City
from parts.fleetcrew import Orders as CrewOrders
from parts.fleetprocess import Process
from parts.fleettally import Tally
from parts.fleetwatcher import Orders as WatcherOrders

LOOK_EVERY_S = 0.25
_DRAIN_LIMIT_S = 30.0
_NO_FILES = Files("", "", "")


@dataclass(frozen=True, slots=True)
class Credentials:
    """The files by which a fleet gets in: cameras' ``certificates`` are a folder; all empty without TLS."""

    certificates: str = ""
    watcher: Files = _NO_FILES
    slow: Files = _NO_FILES


@dataclass(frozen=True, slots=True)
class Fleet:
    """The ``watcher`` reads everything as fast as it can; ``slow`` reads events alone, at a pace of its own."""

    city: City
    manner: Manner
    broker: Broker
    crews: tuple[Process, ...]
    watcher: Process
    slow: Process

    def ask(self, do: str, **what: Any) -> list[dict[str, Any]]:
        """Ask all crews at once; their answers."""
        for crew in self.crews:
            crew.order(do, **what)
        return [crew.answer() for crew in self.crews]

    def look(self, *, anew: bool = False, whole: bool = False) -> Tally:
        """What the crews have counted; ``anew`` lets them begin again, the ``whole`` has lists too."""
        return Tally.sum(Tally.of(told) for told in self.ask("report", anew=anew, whole=whole))

    def settled(self) -> Tally:
        """What was counted, once nothing is under way any more (or it takes too long), and begin anew."""
        until(lambda: self.look().open == 0, _DRAIN_LIMIT_S)
        return self.look(anew=True, whole=True)

    def await_watchers(self) -> None:
        """Wait until both are subscribed, and let them count anew. Raises: Unavailable."""
        for watcher in (self.watcher, self.slow):
            if not until(partial(_subscribed, watcher), _DRAIN_LIMIT_S):
                raise Unavailable("a watcher could not subscribe", do="see what the broker says")

    def tell(self, count: int, over_s: float) -> set[str]:
        """Have ``count`` events told over ``over_s`` seconds; their identities."""
        told: set[str] = set()
        for number, crew in enumerate(self.crews):
            share = len(range(number, count, len(self.crews)))
            told |= set(crew.ask("tell", count=share, over_s=over_s)["told"])
        return told


@contextmanager
def fleet(
    city: City, manner: Manner, health_period_s: float, pace: float, broker: Broker, credentials: Credentials
) -> Iterator[Fleet]:
    """Start the processes; without certificates they use the plain listener. All end with the block."""
    port = broker.port if credentials.certificates else broker.plain_port
    parts = 2
    with ExitStack() as stack:
        crews = [
            stack.enter_context(
                Process(
                    "fleetcrew.py",
                    asdict(
                        CrewOrders(
                            cameras=city.cameras,
                            sites=city.sites,
                            part=part,
                            parts=parts,
                            port=port,
                            ca_file=credentials.watcher.ca_file,
                            certificates=credentials.certificates,
                            keepalive_s=manner.keepalive_s,
                            will_delay_s=manner.will_delay_s,
                            health_period_s=health_period_s,
                        )
                    ),
                )
            )
            for part in range(parts)
        ]
        for crew in crews:
            crew.answer()
        watcher = WatcherOrders("centre", port, **asdict(credentials.watcher), topics="edgecam/#", pace=0)
        slow = WatcherOrders("slow", port, **asdict(credentials.slow), topics="edgecam/+/+/event", pace=pace)
        watchers = [stack.enter_context(Process("fleetwatcher.py", asdict(one))) for one in (watcher, slow)]
        made = Fleet(city, manner, broker, tuple(crews), *watchers)
        made.await_watchers()
        yield made


def _subscribed(watcher: Process) -> bool:
    return bool(watcher.ask("report", anew=True)["subscribed"])


def until(come_true: Callable[[], bool], limit_s: float) -> bool:
    """Look again and again until ``come_true()`` or ``limit_s`` has passed; whether it came true."""
    end_s = time.monotonic() + limit_s
    while not come_true():
        if time.monotonic() >= end_s:
            return False
        time.sleep(LOOK_EVERY_S)
    return True
