"""What a broker said in its CONNACK that it takes and gives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from paho.mqtt.properties import Properties

from edgecam.telemetry.publication import Outgoing

# Around a message: head, lengths, packet identifier, format, expiry (MQTT 5.0, 3.3).
_AROUND_BYTES = 32
_AROUND_PAIR_BYTES = 5


@dataclass(frozen=True, slots=True)
class BrokerLimits:
    """The defaults are those of MQTT 5.0, 3.2.2.3.

    ``receive_maximum`` messages may be under way, each in a packet of ``max_packet_bytes`` at most (0: any size);
    ``keepalive_s`` is what the broker wants instead of the camera's own (``None``: nothing). The rest is whether it
    gives QoS 1, keeps retained messages, and knows filters with wildcards.
    """

    receive_maximum: int = 65_535
    max_packet_bytes: int = 0
    keepalive_s: int | None = None
    qos_1: bool = True
    retains: bool = True
    wildcards: bool = True

    @classmethod
    def of(cls, connack: Properties | None) -> Self:
        return cls(
            receive_maximum=getattr(connack, "ReceiveMaximum", 65_535),
            max_packet_bytes=getattr(connack, "MaximumPacketSize", 0),
            keepalive_s=getattr(connack, "ServerKeepAlive", None),
            qos_1=getattr(connack, "MaximumQoS", 1) != 0,
            retains=getattr(connack, "RetainAvailable", 1) == 1,
            wildcards=getattr(connack, "WildcardSubscriptionAvailable", 1) == 1,
        )

    def capped(self, max_packet_bytes: int) -> Self:
        """The same with no packet above ``max_packet_bytes`` (0: as before)."""
        if not max_packet_bytes or 0 < self.max_packet_bytes < max_packet_bytes:
            return self
        return replace(self, max_packet_bytes=max_packet_bytes)

    def fit(self, message: Outgoing) -> bool:
        """Whether a packet with ``message`` is surely not above ``max_packet_bytes``."""
        return not self.max_packet_bytes or packet_bytes(message) <= self.max_packet_bytes

    def know(self, topic_filter: str) -> bool:
        """Whether the broker lets anybody subscribe to a filter of this form."""
        return self.wildcards or not {"+", "#"} & set(topic_filter)


def packet_bytes(message: Outgoing) -> int:
    """How large the packet with ``message`` is at most."""
    told = len(message.payload) + _utf8_bytes(message.topic) + _utf8_bytes(message.content_type)
    pairs = sum(
        _utf8_bytes(name) + _utf8_bytes(value) + _AROUND_PAIR_BYTES for name, value in message.user_properties
    )
    return told + len(message.correlation) + pairs + _AROUND_BYTES


def _utf8_bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())
