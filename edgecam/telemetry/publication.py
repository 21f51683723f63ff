"""An application message of MQTT, as it leaves the camera and as it comes in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from paho.mqtt.reasoncodes import ReasonCode

JSON = "application/json"

# Gets the code with which the broker acknowledged a message.
Answered = Callable[[ReasonCode], None]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message on its way out, QoS 1.

    ``expiry_s`` of 0 means that it never expires. An empty ``content_type`` says nothing of what the payload is;
    ``correlation`` is given back to whoever asked (MQTT 5.0, 4.10). ``user_properties`` are names with values, told
    beside a payload that is not ours to describe inside.
    """

    topic: str
    payload: bytes
    retain: bool = False
    expiry_s: int = 0
    content_type: str = JSON
    correlation: bytes = b""
    user_properties: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message that the broker brought.

    ``retained`` says that it was kept there from before the subscription; ``response_topic`` is empty and
    ``correlation`` too where the sender gave none.
    """

    topic: str
    payload: bytes
    retained: bool = False
    response_topic: str = ""
    correlation: bytes = b""
