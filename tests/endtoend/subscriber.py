"""A central broker's side for tests: a real MQTT 5 subscriber, and a real Mosquitto on a given port."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import stand
from agentstand import PATIENCE_S
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties


@dataclass(frozen=True)
class Heard:
    """One message as it came; ``retained`` when the broker had kept it for whoever comes later."""

    topic: str
    retained: bool
    payload: bytes
    properties: Properties

    @property
    def body(self) -> dict[str, Any]:
        """The payload of a message that is JSON."""
        told: dict[str, Any] = json.loads(self.payload)
        return told

    def told(self, name: str) -> Any:
        """The MQTT 5 property ``name``, ``None`` without it."""
        return getattr(self.properties, name, None)


class Subscriber:
    """Hears a broker on loopback, all of ``edgecam/#`` unless told otherwise.

    With ``session_expiry_s`` the broker keeps what it misses.
    """

    def __init__(
        self,
        port: int,
        session_expiry_s: int = 0,
        *,
        name: str = "a-watcher",
        topics: Sequence[str] = ("edgecam/#",),
    ) -> None:
        self.heard: list[Heard] = []
        self._subscribed = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda client, *_rest: client.subscribe([(topic, 1) for topic in topics])
        self._client.on_subscribe = lambda *_rest: self._subscribed.set()
        self._client.on_message = lambda _client, _data, message: self._hear(message)
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = session_expiry_s
        self._client.connect("127.0.0.1", port, clean_start=False, properties=properties)
        self._client.loop_start()
        assert self._subscribed.wait(PATIENCE_S), "the broker let nobody subscribe"

    def _hear(self, message: Any) -> None:
        self.heard.append(Heard(message.topic, message.retain, bytes(message.payload), message.properties))

    def say(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish with QoS 1, as whoever may; returns when the broker has it."""
        self._client.publish(topic, payload, 1, retain).wait_for_publish(PATIENCE_S)

    def of(self, kind: str) -> list[Heard]:
        """What came on ``edgecam/<site>/<camera>/<kind>``, in order."""
        return [heard for heard in self.heard if heard.topic.split("/", 3)[3:] == [kind]]

    def states(self) -> list[str]:
        return [heard.body["state"] for heard in self.of("status")]

    def events(self) -> list[tuple[str, int]]:
        """Event ids and revisions, in the order in which they came."""
        return [(heard.body["event_id"], heard.body["revision"]) for heard in self.of("event")]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@contextmanager
def subscriber(port: int, session_expiry_s: int = 0, **others: Any) -> Iterator[Subscriber]:
    ear = Subscriber(port, session_expiry_s, **others)
    try:
        yield ear
    finally:
        ear.close()


@contextmanager
def mosquitto(folder: Path, port: int, *lines: str, anonymous: bool = True) -> Iterator[None]:
    """Debian's Mosquitto at ``port``, which keeps its sessions in ``folder`` between two runs."""
    folder.mkdir(exist_ok=True)
    kept = ("persistence true", f"persistence_location {folder}/")
    with stand.mosquitto(folder, *kept, *lines, anonymous=anonymous, port=port):
        yield
