"""A process that watches a fleet at its broker with a client of its own, and counts what arrives.

One JSON object in each line of standard input, one in each line of standard output. It ends when its input does.
"""

from __future__ import annotations

import json
import select
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from edgecam.telemetry.backoff import Backoff
from edgecam.telemetry.credentials import Credentials

_HOST = "127.0.0.1"
_SESSION_EXPIRY_S = 3600
_LOOK_EVERY_S = 0.02
_NOTHING_KEPT = 2


@dataclass(frozen=True, slots=True)
class Orders:
    """Whom to watch for what; without ``ca_file`` over plain TCP. A ``pace`` of 0 is as fast as it can."""

    name: str
    port: int
    ca_file: str
    cert_file: str
    key_file: str
    topics: str
    pace: float


class Watcher:
    """Reads ``pace`` messages a second at most: the broker has to keep the others until then."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._backoff = Backoff()
        self._running = True
        self._subscribed = False
        self._busy_until_s = 0.0
        self._messages: Counter[str] = Counter()
        self._status: dict[str, Counter[str]] = {}
        self._offline_s: dict[str, tuple[float, float]] = {}
        self._events: Counter[str] = Counter()
        self._last_event_s = 0.0
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=orders.name,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
        )
        if orders.ca_file:
            files = Path(orders.ca_file), Path(orders.cert_file), Path(orders.key_file)
            self._client.tls_set_context(
                Credentials(ca_file=files[0], cert_file=files[1], key_file=files[2]).tls_context()
            )
        self._client.on_connect = lambda *told: self._connected(bool(told[3].is_failure))
        self._client.on_subscribe = lambda *told: self._on_subscribe(bool(told[3][0].is_failure))
        self._client.on_message = self._hear

    def run(self) -> None:
        """Until standard input ends."""
        self._connect()
        while self._running:
            busy_s = self._busy_until_s - time.monotonic()
            self._listen(max(0.0, min(busy_s, _LOOK_EVERY_S)))
            if busy_s > 0:
                continue
            # One message at most.
            if self._client.loop(_LOOK_EVERY_S) is not MQTTErrorCode.MQTT_ERR_SUCCESS:
                self._subscribed = False
                time.sleep(self._backoff.next_s())
                self._connect()

    def report(self, *, anew: bool) -> dict[str, Any]:
        told = {
            "subscribed": self._subscribed,
            "messages": dict(self._messages),
            "status": {site: dict(states) for site, states in self._status.items()},
            "offline_s": dict(self._offline_s),
            "events": len(self._events),
            "last_event_s": self._last_event_s,
        }
        if anew:
            self._messages.clear()
            self._status.clear()
            self._offline_s.clear()
        return told

    def events(self) -> dict[str, Any]:
        """The identities of all events that arrived, and how often each."""
        return dict(self._events)

    def _connect(self) -> None:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = _SESSION_EXPIRY_S
        try:
            self._client.connect(_HOST, self._orders.port, clean_start=False, properties=properties)
        except OSError:
            return  # the next turn of the loop finds no connection

    def _connected(self, refused: bool) -> None:
        if not refused:
            self._backoff.reset()
            wish = SubscribeOptions(1, retainHandling=_NOTHING_KEPT)
            self._client.subscribe(self._orders.topics, options=wish)

    def _on_subscribe(self, refused: bool) -> None:
        self._subscribed = not refused

    def _hear(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        if self._orders.pace:
            self._busy_until_s = max(self._busy_until_s, time.monotonic() - _LOOK_EVERY_S) + 1 / self._orders.pace
        _, site, camera, kind = message.topic.split("/", 3)
        self._messages[kind] += 1
        if kind == "event":
            told = json.loads(message.payload)
            self._events[f"{camera} {told['event_id']} {told['revision']}"] += 1
            self._last_event_s = time.monotonic()
        elif kind == "status" and not message.retain:
            self._note_status(site, json.loads(message.payload)["state"])

    def _note_status(self, site: str, state: str) -> None:
        self._status.setdefault(site, Counter())[state] += 1
        if state == "offline":
            now_s = time.monotonic()
            self._offline_s[site] = self._offline_s.get(site, (now_s, now_s))[0], now_s

    def _listen(self, limit_s: float) -> None:
        if select.select([sys.stdin], [], [], limit_s)[0]:
            line = sys.stdin.readline()
            self._running = bool(line)
            if line:
                asked = json.loads(line)
                print(json.dumps(getattr(self, asked.pop("do"))(**asked)), flush=True)


if __name__ == "__main__":
    Watcher(Orders(**json.loads(sys.argv[1]))).run()
