"""A process with thousands of simulated cameras; the one that started it says what they do.

One JSON object in each line of standard input, one in each line of standard output. It ends when its input does.
"""

from __future__ import annotations

import gc
import json
import os
import random
import ssl
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

# Run as a program, nobody has told Python where the parts are.
sys.path.insert(0, str(Path(__file__).parents[1]))

from edgecam.telemetry.backoff import Backoff
from edgecam.telemetry.connection import Manner
from edgecam.telemetry.credentials import Credentials
from parts.fleetcamera import Camera, Surroundings
from parts.fleetcity import City
from parts.fleetloop import READ, Loop
from parts.fleettally import Tally
from parts.fleetwords import Words

_STDIN = 0
_READ_BYTES = 65_536
_EVENT_REVISION = 0


@dataclass(frozen=True, slots=True)
class Orders:
    """Which cameras a crew has, ``part`` of ``parts``; without ``certificates`` they speak plain TCP."""

    cameras: int
    sites: int
    part: int
    parts: int
    port: int
    ca_file: str
    certificates: str
    keepalive_s: int
    will_delay_s: int
    health_period_s: float


class AllAtOnce(random.Random):
    """Chance that always says the same: back-off without jitter."""

    def random(self) -> float:
        return 1.0


class Crew:
    """Cameras in one thread, and what was asked of them."""

    def __init__(self, orders: Orders) -> None:
        manner = Manner(keepalive_s=orders.keepalive_s, will_delay_s=orders.will_delay_s)
        self._orders = orders
        self._city = City(orders.cameras, orders.sites)
        self._loop = Loop()
        self._tally = Tally()
        self._events = 0
        self._running = True
        self._input = bytearray()
        self._around = Surroundings(
            loop=self._loop,
            port=orders.port,
            words=Words.of_the_agent(manner, orders.health_period_s),
            manner=manner,
            health_period_s=orders.health_period_s,
            tally=self._tally,
            backoff=lambda _camera: Backoff(),
        )
        self._cameras = {
            index: Camera(self._around, self._city.name(index), self._context(index))
            for index in range(orders.part, orders.cameras, orders.parts)
        }
        # Collecting what never becomes garbage would make every camera late at once.
        gc.freeze()

    def run(self) -> None:
        """Until standard input ends."""
        self._loop.watch(_STDIN, READ, self._listen)
        self._answer({"ready": len(self._cameras)})
        while self._running:
            self._loop.turn()
        for camera in self._cameras.values():
            camera.vanish(silently=False)

    def connect(self, *, over_s: float) -> dict[str, Any]:
        """Each at its own moment of the next ``over_s`` seconds."""
        for index, camera in self._cameras.items():
            camera.connect_after(over_s * index / self._orders.cameras)
        return {}

    def report(self, *, anew: bool, whole: bool) -> dict[str, Any]:
        told = self._tally.told(whole=whole)
        if anew:
            self._tally.begin_anew()
        return told

    def brace(self, *, first_wait_s: float, cap_s: float, jitter: bool) -> dict[str, Any]:
        """Whoever loses the connection from now on waits so before it tries again.

        Where the broker hung up the agent's is ``Backoff()`` with ``at_least(CROWD_S)``: one that begins there.
        """
        chance: Callable[[str], random.Random] = random.Random if jitter else lambda _camera: AllAtOnce()
        self._around.backoff = lambda camera: Backoff(first_wait_s, cap_s, chance(camera))
        for camera in self._cameras.values():
            camera.brace()
        self._tally.begin_anew()
        return {}

    def tell(self, *, count: int, over_s: float) -> dict[str, Any]:
        """``count`` new events over ``over_s`` seconds, of one camera after the other; their identities."""
        cameras, told = list(self._cameras.values()), []
        for number in range(count):
            camera = cameras[self._events % len(cameras)]
            event_id = f"{self._orders.part:02x}{self._events:010x}"
            self._events += 1
            self._loop.after(over_s * number / count, partial(camera.tell, event_id))
            told.append(f"{camera.name.camera} {event_id} {_EVENT_REVISION}")
        return {"told": told}

    def vanish(self, *, site: int, silently: bool) -> dict[str, Any]:
        for camera in self._of(site):
            camera.vanish(silently=silently)
        return {}

    def come_back(self, *, site: int) -> dict[str, Any]:
        for camera in self._of(site):
            camera.come_back()
        return {}

    def _of(self, site: int) -> list[Camera]:
        return [camera for index, camera in self._cameras.items() if index % self._orders.sites == site]

    def _context(self, index: int) -> ssl.SSLContext | None:
        if not self._orders.certificates:
            return None
        pair = self._city.certificate(Path(self._orders.certificates), index)
        context = Credentials(ca_file=Path(self._orders.ca_file), cert_file=pair, key_file=pair).tls_context()
        # The agent's own closes itself when a handshake has to wait: it only ever shakes hands blocking.
        context.sslsocket_class = ssl.SSLSocket
        return context

    def _listen(self, _flags: int) -> None:
        data = os.read(_STDIN, _READ_BYTES)
        self._running = bool(data)
        self._input += data
        while b"\n" in self._input:
            line, _, rest = self._input.partition(b"\n")
            self._input = rest
            asked = json.loads(line)
            self._answer(getattr(self, asked.pop("do"))(**asked))

    def _answer(self, answer: dict[str, Any]) -> None:
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    Crew(Orders(**json.loads(sys.argv[1]))).run()
