"""A central broker's side for tests: a real MQTT 5 subscriber, and a real Mosquitto on a given port."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from agentstand import PATIENCE_S, accepts, wait_until
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties


@dataclass(frozen=True)
class Heard:
    """One message as it came."""

    topic: str
    retained: bool
    body: dict[str, Any]


class Subscriber:
    """Hears ``edgecam/#`` at a broker on loopback; with ``session_expiry_s`` the broker keeps what it misses."""

    def __init__(self, port: int, session_expiry_s: int = 0) -> None:
        self.heard: list[Heard] = []
        self._subscribed = threading.Event()
        self._client = Client(
            CallbackAPIVersion.VERSION2, client_id="a-watcher", protocol=MQTTProtocolVersion.MQTTv5
        )
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda client, *_rest: client.subscribe("edgecam/#", 1)
        self._client.on_subscribe = lambda *_rest: self._subscribed.set()
        self._client.on_message = lambda _client, _data, message: self._hear(message)
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = session_expiry_s
        self._client.connect("127.0.0.1", port, clean_start=False, properties=properties)
        self._client.loop_start()
        assert self._subscribed.wait(PATIENCE_S), "the broker let nobody subscribe"

    def _hear(self, message: Any) -> None:
        self.heard.append(Heard(message.topic, message.retain, json.loads(message.payload)))

    def of(self, kind: str) -> list[Heard]:
        """What came on topics that end in ``kind``, in order."""
        return [heard for heard in self.heard if heard.topic.endswith(f"/{kind}")]

    def states(self) -> list[str]:
        return [heard.body["state"] for heard in self.of("status")]

    def events(self) -> list[tuple[str, int]]:
        """Event ids and revisions, in the order in which they came."""
        return [(heard.body["event_id"], heard.body["revision"]) for heard in self.of("event")]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@contextmanager
def subscriber(port: int, session_expiry_s: int = 0) -> Iterator[Subscriber]:
    ear = Subscriber(port, session_expiry_s)
    try:
        yield ear
    finally:
        ear.close()


@contextmanager
def mosquitto(folder: Path, port: int, *lines: str, anonymous: bool = True) -> Iterator[None]:
    """Debian's Mosquitto at ``port``, which keeps its sessions in ``folder`` between two runs."""
    program = shutil.which("mosquitto") or shutil.which("/usr/sbin/mosquitto")
    if program is None:
        pytest.skip("Debian's mosquitto is not installed")
    folder.mkdir(exist_ok=True)
    configuration = folder / "mosquitto.conf"
    told = (f"listener {port} 127.0.0.1", f"allow_anonymous {str(anonymous).lower()}", "user root", *lines)
    kept = ("persistence true", f"persistence_location {folder}/", "log_type error")
    configuration.write_text("\n".join([*told, *kept, ""]))
    process = subprocess.Popen([program, "-c", str(configuration)], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: accepts(port), "mosquitto listens")
        yield
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE_S)
