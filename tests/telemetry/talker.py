"""A speaker whose words a test writes, and a centre that says things to the camera."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from stand import PATIENCE_S, ROOT

from edgecam.core.errors import Unavailable
from edgecam.telemetry.address import Address
from edgecam.telemetry.publication import Incoming, Outgoing

ANSWER = f"{ROOT}/cmd_result/status"


@dataclass
class Talker:
    """Keeps what it hears, says what a test gives it, and fails where it is told to."""

    subscriptions: Sequence[str] = (f"{ROOT}/cmd/+",)
    fails_at: frozenset[str] = frozenset()
    connections: int = 0
    messages: list[Incoming] = field(default_factory=list)
    to_say: list[Outgoing] = field(default_factory=list)

    def connected(self) -> None:
        self.connections += 1
        self._perhaps_fail("connected")

    def heard(self, message: Incoming) -> None:
        self.messages.append(message)
        self._perhaps_fail("heard")

    def say(self) -> Sequence[Outgoing]:
        self._perhaps_fail("say")
        said, self.to_say = self.to_say, []
        return said

    def _perhaps_fail(self, where: str) -> None:
        if where in self.fails_at:
            raise Unavailable(f"told to fail in {where}")


class Echo(Talker):
    """Answers each command with its payload."""

    def heard(self, message: Incoming) -> None:
        super().heard(message)
        self.to_say.append(Outgoing(ANSWER, message.payload, correlation=message.correlation))


class Centre:
    """Says things at the broker; each is acknowledged on return."""

    def __init__(self, address: Address) -> None:
        self._connected = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2, client_id="centre", protocol=MQTTProtocolVersion.MQTTv5)
        self._client.on_connect = lambda *_rest: self._connected.set()
        self._client.connect(address.host, address.port)
        self._client.loop_start()
        assert self._connected.wait(PATIENCE_S)

    def tell(self, topic: str, payload: bytes, *, retain: bool = False, correlation: bytes = b"") -> None:
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.ResponseTopic = "elsewhere"
        if correlation:
            properties.CorrelationData = correlation
        self._client.publish(topic, payload, 1, retain, properties).wait_for_publish(PATIENCE_S)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@contextmanager
def centre(address: Address) -> Iterator[Centre]:
    speaking = Centre(address)
    try:
        yield speaking
    finally:
        speaking.close()
