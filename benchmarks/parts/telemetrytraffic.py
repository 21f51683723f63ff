"""The bytes of a camera's day, counted where they pass: between its connection and the broker."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from edgecam.core.clock import SystemClock
from edgecam.core.errors import Unavailable
from edgecam.telemetry.connection import Connection, Manner
from edgecam.telemetry.publication import Outgoing
from edgecam.telemetry.voice import Voice
from parts.telemetrybroker import IDENTITY, Broker, mosquitto, secure_mosquitto
from parts.telemetrymessages import alarm, health

_MINUTES = 1440
_HEALTH_EXPIRY_S = 180
_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class Traffic:
    """Bytes both ways, without TCP and IP: to connect, of one health, of one event, of one keep-alive."""

    connect: float
    health: float
    event: float
    ping: float

    def day(self, events: int) -> float:
        """Health and at most one keep-alive a minute, and ``events`` messages about events."""
        return self.connect + _MINUTES * (self.health + self.ping) + events * self.event


def traffic(folder: Path, healths: int, events: int) -> tuple[Traffic, Traffic]:
    """Plain, and behind TLS 1.3 with certificates on both sides; so many messages are sent of each kind."""
    with mosquitto(folder / "plain") as broker:
        plain = _measured(broker, healths, events)
    with secure_mosquitto(folder / "tls") as broker:
        return plain, _measured(broker, healths, events)


def _measured(broker: Broker, healths: int, events: int) -> Traffic:
    voice = Voice(IDENTITY, _CLOCK)
    with _relay(broker) as relay:
        line = _Line(relay, voice, Manner())
        line.say([voice.status("online", 1)])
        connected = relay.carried
        line.say(voice.health(health(), _HEALTH_EXPIRY_S) for _ in range(healths))
        told = relay.carried
        line.say(voice.event(alarm(f"{number // 2:016x}", number % 2)) for number in range(events))
        done = relay.carried
        line.close()
    with _relay(broker) as relay:
        line = _Line(relay, voice, Manner(keepalive_s=1))
        line.rest(0.3)
        before, pings = relay.carried, line.rest_and_count(3.5)
        ping = (relay.carried - before) / max(pings, 1)
        line.close()
    return Traffic(connected, (told - connected) / healths, (done - told) / events, ping)


class _Relay:
    """Carries one connection, and counts."""

    def __init__(self, broker: Broker) -> None:
        self.carried = 0
        self.bursts = 0
        self._broker = broker.address
        self._server = socket.create_server(("127.0.0.1", 0))
        self.broker = replace(broker, address=replace(broker.address, port=self._server.getsockname()[1]))
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._thread.join()
        self._server.close()

    def _carry(self) -> None:
        near, _ = self._server.accept()
        far = socket.create_connection((self._broker.host, self._broker.port))
        with near, far, suppress(OSError):
            while True:
                for source in select.select([near, far], [], [])[0]:
                    data = source.recv(65_536)
                    if not data:
                        return
                    self.carried += len(data)
                    self.bursts += source is near
                    (far if source is near else near).sendall(data)


@contextmanager
def _relay(broker: Broker) -> Iterator[_Relay]:
    relay = _Relay(broker)
    yield relay
    relay.close()


class _Line:
    """A camera's connection through the relay; one message is under way at a time, as on a quiet day."""

    def __init__(self, relay: _Relay, voice: Voice, manner: Manner) -> None:
        self._relay = relay
        self._connection = Connection(relay.broker.address, manner, IDENTITY.camera, _CLOCK)
        self._connection.open(relay.broker.credentials, voice.status("offline", 1))
        self._until(lambda: self._connection.established)

    def say(self, messages: Iterable[Outgoing]) -> None:
        for message in messages:
            self._connection.publish(message, lambda _code: None)
            self._until(lambda: self._connection.unanswered == 0)

    def rest(self, duration_s: float) -> None:
        """Say nothing but what keeps the connection alive."""
        until = time.monotonic() + duration_s
        while time.monotonic() < until:
            self._turn(0.05)

    def rest_and_count(self, duration_s: float) -> int:
        """The same; how often this side spoke."""
        before = self._relay.bursts
        self.rest(duration_s)
        return self._relay.bursts - before

    def close(self) -> None:
        self._connection.close()

    def _until(self, done: Callable[[], bool]) -> None:
        while not done():
            self._turn(1)

    def _turn(self, limit_s: float) -> None:
        if self._connection.ended is not None:
            raise Unavailable(f"the connection ended: {self._connection.ended.fault.sentence}")
        poll = select.poll()
        poll.register(self._connection.fileno(), self._connection.interest())
        ready = poll.poll(limit_s * 1000)
        self._connection.handle(ready[0][1] if ready else 0)
