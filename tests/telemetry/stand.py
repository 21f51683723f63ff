"""The test stand of telemetry: real brokers, a wire that can be cut, a listener, and what a camera would say."""

from __future__ import annotations

import json
import os
import queue
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edgecam.core.clock import NS_PER_S, SystemClock
from edgecam.core.events import Event, EventKind
from edgecam.core.status import RecorderStatus
from edgecam.telemetry.address import Address
from edgecam.telemetry.backoff import Backoff
from edgecam.telemetry.board import BoardReading
from edgecam.telemetry.connection import Manner
from edgecam.telemetry.credentials import Credentials
from edgecam.telemetry.health import tell_health
from edgecam.telemetry.healthmessage import Health
from edgecam.telemetry.link import Link
from edgecam.telemetry.outbox import Outbox
from edgecam.telemetry.topics import Identity

CLOCK = SystemClock()
IDENTITY = Identity(site="home", camera="edgecam_0badcafe", version="0.1.0")
ROOT = f"edgecam/{IDENTITY.site}/{IDENTITY.camera}"
BOARD = BoardReading(cpu_temperature_c=48.5, memory_available_bytes=1_000_000, memory_total_bytes=2_000_000)
PATIENCE_S = 20.0


def mosquitto_path() -> str:
    """Where Mosquitto is: Debian's, or what EDGECAM_MOSQUITTO names; skips the test where there is none."""
    named = os.environ.get("EDGECAM_MOSQUITTO")
    found = shutil.which(named) if named else shutil.which("mosquitto") or shutil.which("/usr/sbin/mosquitto")
    if found is None:
        pytest.skip(f"{named or 'mosquitto'} is not installed")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(come_true: Callable[[], bool], what: str) -> None:
    """Poll until ``come_true()``; fails the test when it does not within the stand's patience."""
    pause = threading.Event()
    until_ns = CLOCK.mono_ns() + int(PATIENCE_S * NS_PER_S)
    while not come_true():
        assert CLOCK.mono_ns() < until_ns, f"never happened: {what}"
        pause.wait(0.005)


def accepts(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


class Mosquitto:
    """Debian's Mosquitto with a configuration of its own, on a free port of loopback unless told which."""

    def __init__(self, folder: Path, *lines: str, anonymous: bool = True, port: int | None = None) -> None:
        self.port = free_port() if port is None else port
        self.address = Address("127.0.0.1", self.port, tls=False)
        self._program = mosquitto_path()
        self._file = folder / "mosquitto.conf"
        self._file.write_text(
            "\n".join(
                [
                    f"listener {self.port} 127.0.0.1",
                    f"allow_anonymous {'true' if anonymous else 'false'}",
                    "user root",
                    "log_type error",
                    *lines,
                    "",
                ]
            )
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen([self._program, "-c", str(self._file)], stderr=subprocess.DEVNULL)
        wait_until(lambda: accepts(self.port), "mosquitto listens")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE_S)
            self._process = None


@contextmanager
def mosquitto(folder: Path, *lines: str, anonymous: bool = True, port: int | None = None) -> Iterator[Mosquitto]:
    broker = Mosquitto(folder, *lines, anonymous=anonymous, port=port)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


class Wire:
    """A TCP forwarder between camera and broker that can be cut and mended."""

    def __init__(self, port: int) -> None:
        self._broker_port = port
        self.port = free_port()
        self.address = Address("127.0.0.1", self.port, tls=False)
        self.connections = 0
        self._listener: socket.socket | None = None
        self._ends: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def mend(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._spawn(self._accept, self._listener)

    def cut(self) -> None:
        """Nothing passes, nothing is accepted; returns when no byte can pass any more."""
        if self._listener is not None:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for end in list(self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE_S)
        for end in self._ends:
            end.close()
        self._ends.clear()
        self._threads.clear()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._broker_port))
            self.connections += 1
            self._ends += [near, far]
            self._spawn(self._carry, near, far)
            self._spawn(self._carry, far, near)

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _spawn(self, work: Callable[..., None], *what: object) -> None:
        thread = threading.Thread(target=work, args=what, daemon=True)
        self._threads.append(thread)
        thread.start()


@contextmanager
def wire(port: int) -> Iterator[Wire]:
    line = Wire(port)
    line.mend()
    try:
        yield line
    finally:
        line.cut()


@dataclass
class Heard:
    """One message as a subscriber got it."""

    topic: str
    retained: bool
    body: dict[str, Any]
    properties: dict[str, Any]


@dataclass
class Listener:
    """A subscriber to a whole site that keeps what it hears, in order."""

    address: Address
    client_id: str = "listener"
    session_expiry_s: int = 0
    heard: list[Heard] = field(default_factory=list)
    _news: queue.SimpleQueue[Heard] = field(default_factory=queue.SimpleQueue)

    def __post_init__(self) -> None:
        self._subscribed = threading.Event()
        self._client = Client(
            CallbackAPIVersion.VERSION2, client_id=self.client_id, protocol=MQTTProtocolVersion.MQTTv5
        )
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda client, *_rest: client.subscribe(f"{ROOT}/#", 1)
        self._client.on_subscribe = lambda *_rest: self._subscribed.set()
        self._client.on_message = lambda _client, _data, message: self._hear(message)
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = self.session_expiry_s
        self._client.connect(self.address.host, self.address.port, clean_start=False, properties=properties)
        self._client.loop_start()
        assert self._subscribed.wait(PATIENCE_S), "the listener could not subscribe"

    def _hear(self, message: Any) -> None:
        heard = Heard(message.topic, message.retain, json.loads(message.payload), message.properties.json())
        self.heard.append(heard)
        self._news.put(heard)

    def next(self, kind: str) -> Heard:
        """The next message whose topic ends in ``kind``; others are passed over (they stay in ``heard``)."""
        while True:
            try:
                heard = self._news.get(timeout=PATIENCE_S)
            except queue.Empty:
                raise AssertionError(f"no {kind} came") from None
            if heard.topic == f"{ROOT}/{kind}":
                return heard

    def events(self) -> list[str]:
        return [heard.body["event_id"] for heard in self.heard if heard.topic == f"{ROOT}/event"]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@contextmanager
def listener(address: Address, client_id: str = "listener", session_expiry_s: int = 0) -> Iterator[Listener]:
    ear = Listener(address, client_id, session_expiry_s)
    try:
        yield ear
    finally:
        ear.close()


def event(name: str, revision: int = 0) -> Event:
    now = CLOCK.now()
    return Event(
        event_id=name,
        revision=revision,
        kind=EventKind.PERSON,
        start_wall_ns=now.wall_ns,
        end_wall_ns=None,
        trust=int(now.trust),
        confidence=0.8,
        reason="A person walked over the lawn.",
        track=3,
        box=(0.1, 0.2, 0.3, 0.4),
        zone="lawn",
    )


def health() -> Health:
    return tell_health(
        now=CLOCK.now(),
        version=IDENTITY.version,
        recorder=RecorderStatus(recording=True, private=False, fps=15.0, days_kept=12.4, days_owed=14.0),
        observer=None,
        hub=None,
        board=BOARD,
        faults=[],
    )


@contextmanager
def link(
    address: Address,
    outbox: Outbox,
    credentials: Credentials | None = None,
    manner: Manner | None = None,
    **others: Any,
) -> Iterator[Link]:
    """A running link that comes back quickly; stopped cleanly at the end."""
    line = Link(
        address,
        credentials or Credentials(),
        IDENTITY,
        outbox,
        health,
        CLOCK,
        manner=manner or Manner(will_delay_s=0),
        backoff=Backoff(base_s=0.05, cap_s=0.2),
        **others,
    )
    line.start()
    try:
        yield line
    finally:
        line.stop(PATIENCE_S)


@contextmanager
def outbox(folder: Path) -> Iterator[Outbox]:
    box = Outbox(folder / "outbox.sqlite", CLOCK)
    try:
        yield box
    finally:
        box.close()
