"""A client that tries what it may do at a broker: says a thing, hears a thing, and tells what came of it."""

from __future__ import annotations

import queue
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edgecam.core.errors import Unavailable
from edgecam.telemetry.address import Address

_PATIENCE_S = 10.0
_EXPIRY_S = 30


class Visitor:
    """One connection with a clean session; its methods wait for the broker's answer. Raises: Unavailable."""

    def __init__(self, address: Address, context: ssl.SSLContext | None, client_id: str) -> None:
        """Without a ``context`` it speaks no TLS."""
        self.heard: set[str] = set()
        self.lost = threading.Event()
        self._address = address
        self._answers: queue.SimpleQueue[ReasonCode | None] = queue.SimpleQueue()
        self._news: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
        )
        self._client.connect_timeout = _PATIENCE_S
        if context is not None:
            self._client.tls_set_context(context)
        self._client.on_connect = lambda *told: self._answers.put(told[3])
        self._client.on_disconnect = lambda *told: self._end()
        self._client.on_subscribe = lambda *told: self._answers.put(told[3][0])
        self._client.on_publish = lambda *told: self._answers.put(told[3])
        self._client.on_message = self._hear

    def enter(self) -> None:
        """Connect. Raises: Unavailable when the broker does not let it in, or is not there."""
        try:
            self._client.connect(self._address.host, self._address.port, clean_start=True)
        except OSError as refused:
            raise self._away(refused.strerror or str(refused)) from refused
        self._client.loop_start()
        code = self._answer()
        if code.is_failure:
            raise self._away(str(code).lower())

    def listen(self, topics: str) -> None:
        """Subscribe; a broker may say yes and pass nothing on."""
        self._ask(lambda: self._client.subscribe(topics, 1))

    def say(self, topic: str, text: str) -> ReasonCode:
        """Publish with QoS 1, not retained, soon forgotten; the broker's answer."""
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.MessageExpiryInterval = _EXPIRY_S
        return self._ask(lambda: self._client.publish(topic, text, 1, properties=properties))

    def wait_for(self, text: str) -> bool:
        """Whether ``text`` arrives; what came before it is in ``heard``."""
        while text not in self.heard:
            try:
                self._news.get(timeout=_PATIENCE_S)
            except queue.Empty:
                return False
        return True

    def leave(self) -> None:
        """Disconnect and end the thread; may be called in any state."""
        self._client.disconnect()
        self._client.loop_stop()

    def _ask(self, request: Callable[[], object]) -> ReasonCode:
        if self.lost.is_set():
            raise self._away("it hung up")
        request()
        return self._answer()

    def _answer(self) -> ReasonCode:
        try:
            code = self._answers.get(timeout=_PATIENCE_S)
        except queue.Empty:
            raise self._away("it does not answer") from None
        if code is None:
            raise self._away("it hung up")
        return code

    def _hear(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        text = message.payload.decode("utf-8", "replace")
        self.heard.add(text)
        self._news.put(text)

    def _end(self) -> None:
        self.lost.set()
        self._answers.put(None)

    def _away(self, why: str) -> Unavailable:
        return Unavailable(
            f"the broker {self._address} does not serve ({why})", do="check that it runs, and its log"
        )


@contextmanager
def visitor(address: Address, context: ssl.SSLContext, client_id: str) -> Iterator[Visitor]:
    """A visitor who has entered, and leaves."""
    guest = Visitor(address, context, client_id)
    try:
        guest.enter()
        yield guest
    finally:
        guest.leave()
