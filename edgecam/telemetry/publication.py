"""An application message of MQTT, as it leaves the camera and as it comes in."""

from __future__ import annotations

from dataclasses import dataclass

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message on its way out, QoS 1.

    ``expiry_s`` of 0 means that it never expires. An empty ``content_type`` says nothing of what the payload is;
    ``correlation`` is given back to whoever asked (MQTT 5.0, 4.10).
    """

    topic: str
    payload: bytes
    retain: bool = False
    expiry_s: int = 0
    content_type: str = JSON
    correlation: bytes = b""


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
