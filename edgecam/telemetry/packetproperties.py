"""MQTT 5 properties of what the camera sends, and what it makes of those that come in."""

from __future__ import annotations

from functools import lru_cache

from paho.mqtt import MQTTException
from paho.mqtt.client import MQTTMessage
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edgecam.telemetry.publication import JSON, Incoming, Outgoing


def connect_properties(session_expiry_s: int, receive_maximum: int, max_packet_bytes: int) -> Properties:
    properties = _properties(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = session_expiry_s
    properties.ReceiveMaximum = receive_maximum
    properties.MaximumPacketSize = max_packet_bytes
    return properties


def will_properties(delay_s: int) -> Properties:
    properties = _content(PacketTypes.WILLMESSAGE, JSON)
    properties.WillDelayInterval = delay_s
    return properties


def publish_properties(message: Outgoing) -> Properties:
    """Of ``message``'s PUBLISH; good for being sent, and for nothing else."""
    if not message.correlation and not message.user_properties:
        return _shared(message.content_type, message.expiry_s)
    properties = _publish(message.content_type, message.expiry_s)
    if message.correlation:
        properties.CorrelationData = message.correlation
    if message.user_properties:
        properties.UserProperty = list(message.user_properties)
    return properties


def received(message: MQTTMessage) -> Incoming:
    """The message in a PUBLISH. Raises: MQTTException when it uses an alias, which the camera never offered."""
    properties = message.properties
    if hasattr(properties, "TopicAlias"):
        raise MQTTException("a topic alias that was never offered")
    return Incoming(
        message.topic,
        bytes(message.payload),
        retained=message.retain,
        response_topic=getattr(properties, "ResponseTopic", ""),
        correlation=bytes(getattr(properties, "CorrelationData", b"")),
    )


class _Packed(Properties):
    """Properties of which only the bytes are left."""

    def __init__(self, packed: bytes) -> None:
        object.__setattr__(self, "_packed", packed)

    def pack(self) -> bytes:
        packed: bytes = object.__getattribute__(self, "_packed")
        return packed


@lru_cache(maxsize=16)
def _shared(content_type: str, expiry_s: int) -> Properties:
    # Making and packing them took 40 µs (x86-64), more than all else in publishing an event.
    return _Packed(_publish(content_type, expiry_s).pack())  # type: ignore[no-untyped-call]


def _publish(content_type: str, expiry_s: int) -> Properties:
    properties = _content(PacketTypes.PUBLISH, content_type)
    if expiry_s:
        properties.MessageExpiryInterval = expiry_s
    return properties


def _content(packet: int, content_type: str) -> Properties:
    properties = _properties(packet)
    if content_type == JSON:
        properties.PayloadFormatIndicator = 1
    if content_type:
        properties.ContentType = content_type
    return properties


def _properties(packet: int) -> Properties:
    return Properties(packet)  # type: ignore[no-untyped-call]
