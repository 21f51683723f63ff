"""Sites of the city vanish and return: who is told of it, and when."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import Any

from parts.fleetcontrol import Fleet, until

# The first is back within the will delay; of the second every connection breaks, for longer; from the third nothing
# comes any more, and its connections stay open.
_BRIEF, _CLOSED, _SILENT = range(3)
_BRIEF_SHARE = 0.4
# MQTT 5.0, 3.1.2.10: a broker waits one and a half keep alives for a client that says nothing.
_SILENCE = 1.5
_LATE_S = 15.0


@dataclass(frozen=True, slots=True)
class Wills:
    """Of one site: cameras it has, wills the watcher heard, and when the first and the last came, in seconds."""

    cameras: int
    heard: int
    first_s: float
    last_s: float


@dataclass(frozen=True, slots=True)
class Outage:
    """``elsewhere`` are wills of sites where nothing had happened; ``back`` cameras were there at the end."""

    brief: Wills
    closed: Wills
    silent: Wills
    elsewhere: int
    back: int

    @property
    def wrong(self) -> int:
        """Wills that should have come and did not, or came twice, or should not have come."""
        missed = sum(abs(site.cameras - site.heard) for site in (self.closed, self.silent))
        return self.brief.heard + missed + self.elsewhere


def outage(fleet: Fleet, limit_s: float) -> Outage:
    """Let two sites vanish and return, then a third; all are waited for ``limit_s`` at most."""
    will_s, silence_s = fleet.manner.will_delay_s, _SILENCE * fleet.manner.keepalive_s
    fleet.watcher.ask("report", anew=True)
    closed_s = time.monotonic()
    for site in (_BRIEF, _CLOSED):
        fleet.ask("vanish", site=site, silently=False)
    time.sleep(_BRIEF_SHARE * will_s)
    fleet.ask("come_back", site=_BRIEF)
    until(partial(_all_heard, fleet, _CLOSED), will_s + _LATE_S)
    fleet.ask("come_back", site=_CLOSED)
    # After them: as long as anybody's will waits that was lost later, Mosquitto keeps all others back.
    silent_s = time.monotonic()
    fleet.ask("vanish", site=_SILENT, silently=True)
    until(partial(_all_heard, fleet, _SILENT), silence_s + will_s + _LATE_S)
    fleet.ask("come_back", site=_SILENT)
    until(lambda: fleet.look().there == fleet.city.cameras, limit_s)
    back = fleet.settled().there
    told = fleet.watcher.ask("report", anew=True)
    began_s = {_BRIEF: closed_s, _CLOSED: closed_s, _SILENT: silent_s}
    brief, closed, silent = (_wills(fleet, told, site, since_s) for site, since_s in began_s.items())
    everywhere = sum(states.get("offline", 0) for states in told["status"].values())
    return Outage(brief, closed, silent, everywhere - brief.heard - closed.heard - silent.heard, back)


def _all_heard(fleet: Fleet, site: int) -> bool:
    told = fleet.watcher.ask("report", anew=False)
    return _offline(told, fleet.city.site(site)) >= fleet.city.cameras_of(site)


def _wills(fleet: Fleet, told: dict[str, Any], site: int, began_s: float) -> Wills:
    name = fleet.city.site(site)
    first_s, last_s = told["offline_s"].get(name, (began_s, began_s))
    return Wills(fleet.city.cameras_of(site), _offline(told, name), first_s - began_s, last_s - began_s)


def _offline(told: dict[str, Any], site: str) -> int:
    heard: int = told["status"].get(site, {}).get("offline", 0)
    return heard
