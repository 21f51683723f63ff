"""A Mosquitto of its own on loopback, plain or TLS, and a subscriber that tells when each message came."""

from __future__ import annotations

import select
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from edgecam.core.errors import Unavailable
from edgecam.telemetry.address import Address
from edgecam.telemetry.authority import Authority
from edgecam.telemetry.credentials import Credentials
from edgecam.telemetry.topics import Identity
from parts.mosquittopath import mosquitto_path

IDENTITY = Identity(site="home", camera="edgecam_0badcafe", version="0.1.0")
ROOT = f"edgecam/{IDENTITY.site}/{IDENTITY.camera}"
_PATIENCE_S = 60.0
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Broker:
    """One that runs; ``credentials`` are what a camera needs there."""

    address: Address
    credentials: Credentials


@contextmanager
def mosquitto(folder: Path, *lines: str) -> Iterator[Broker]:
    """Debian's Mosquitto without TLS. Raises: Unavailable where it is not installed."""
    with _running(folder, lines) as port:
        yield Broker(Address("127.0.0.1", port, tls=False), Credentials())


@contextmanager
def secure_mosquitto(folder: Path) -> Iterator[Broker]:
    """The same behind TLS 1.3, where both sides show a certificate."""
    folder.mkdir(parents=True, exist_ok=True)
    now, lifetime = datetime.now(UTC), timedelta(hours=1)
    authority = Authority.create(now)
    server = authority.sign_server(("127.0.0.1",), now, lifetime)
    camera = authority.sign_client(f"{IDENTITY.site}/{IDENTITY.camera}", now, lifetime)
    pieces = {"ca": authority.certificate, "server": server.certificate, "server.key": server.key}
    pieces |= {"camera": camera.certificate, "camera.key": camera.key}
    for name, pem in pieces.items():
        (folder / name).touch(mode=0o600)
        (folder / name).write_bytes(pem)
    files = [f"cafile {folder}/ca", f"certfile {folder}/server", f"keyfile {folder}/server.key"]
    with _running(folder, [*files, "require_certificate true", "tls_version tlsv1.3"]) as port:
        credentials = Credentials(
            ca_file=folder / "ca", cert_file=folder / "camera", key_file=folder / "camera.key"
        )
        yield Broker(Address("127.0.0.1", port, tls=True), credentials)


@contextmanager
def nobody() -> Iterator[int]:
    """A port at which nobody answers, and that nobody takes meanwhile."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield int(held.getsockname()[1])


@contextmanager
def _running(folder: Path, lines: Sequence[str]) -> Iterator[int]:
    folder.mkdir(parents=True, exist_ok=True)
    process, port = _started(folder / "mosquitto.conf", lines)
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


def _started(configuration: Path, lines: Sequence[str]) -> tuple[subprocess.Popen[bytes], int]:
    program = mosquitto_path()
    for _ in range(_TRIES):
        with nobody() as port:
            pass
        # As `edgecam broker init` has it: the default of 1,000 drops a burst without a word.
        settings = ["user root", "log_type error", "max_queued_messages 1000000", f"listener {port} 127.0.0.1"]
        configuration.write_text("\n".join([*settings, "allow_anonymous true", *lines, ""]))
        process = subprocess.Popen([program, "-c", str(configuration)], stderr=subprocess.DEVNULL)
        if _listens(process, port):
            return process, port
        process.terminate()
        process.wait()
    raise Unavailable("Mosquitto does not listen")


def _listens(process: subprocess.Popen[bytes], port: int) -> bool:
    """Whether it does; it ends at once when somebody else took the port first."""
    until = time.monotonic() + _PATIENCE_S
    while process.poll() is None and time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            # Somebody may: it has to be alive a moment later too.
            time.sleep(0.1)
            return process.poll() is None
        time.sleep(0.01)
    return False


class Subscriber:
    """Hears all that the camera says, in the caller's thread; ``arrived`` begin with a monotonic moment (ns)."""

    def __init__(self, broker: Broker, topic: str = f"{ROOT}/#") -> None:
        self.arrived: list[tuple[int, str, bytes]] = []
        self._subscribed = False
        self._client = Client(
            CallbackAPIVersion.VERSION2, client_id="subscriber", protocol=MQTTProtocolVersion.MQTTv5
        )
        self._client.on_message = self._heard
        self._client.on_subscribe = self._on_subscribe
        self._client.connect(broker.address.host, broker.address.port)
        while not self._client.is_connected():
            self._client.loop(1)
        self._client.subscribe(topic, 1)
        while not self._subscribed:
            self._client.loop(1)

    def hear(self, count: int) -> None:
        """Until ``count`` messages have come in all. Raises: Unavailable after a minute without one."""
        until = time.monotonic() + _PATIENCE_S
        known = len(self.arrived)
        while len(self.arrived) < count:
            self.turn(1)
            if len(self.arrived) > known:
                known, until = len(self.arrived), time.monotonic() + _PATIENCE_S
            if time.monotonic() > until:
                raise Unavailable(f"only {known} of {count} messages arrived")

    def turn(self, limit_s: float) -> None:
        """Take what has come, waiting so long for it."""
        line = self._client.socket()
        if line is None:
            raise Unavailable("the broker has hung up")
        if select.select([line], [line] if self._client.want_write() else [], [], limit_s)[0]:
            self._client.loop_read()
        self._client.loop_write()
        self._client.loop_misc()

    def close(self) -> None:
        self._client.disconnect()

    def _heard(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self.arrived.append((time.monotonic_ns(), message.topic, bytes(message.payload)))

    def _on_subscribe(self, *_rest: object) -> None:
        self._subscribed = True


@contextmanager
def subscriber(broker: Broker, topic: str = f"{ROOT}/#") -> Iterator[Subscriber]:
    ear = Subscriber(broker, topic)
    try:
        yield ear
    finally:
        ear.close()
