"""How Home Assistant finds the camera by itself: one device with its entities, in one message.

Home Assistant, MQTT integration, "Device discovery payload": ``homeassistant/device/<site>/<camera>/config``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from edgecam.core.events import EventKind
from edgecam.core.oneform import ordered_json
from edgecam.telemetry.announced import NOTHING, Announced
from edgecam.telemetry.entities import entities_of
from edgecam.telemetry.states import told_kinds
from edgecam.telemetry.topics import Identity, Topics


@dataclass(frozen=True, slots=True)
class Device:
    """A camera as Home Assistant shows it.

    ``model`` is the board's name and ``page`` where browsers reach the camera's page, empty where nobody knows;
    ``kinds`` are the events it reports. Readings are unknown ``health_expires_s`` after the last health message.
    """

    identity: Identity
    name: str
    kinds: frozenset[EventKind]
    health_expires_s: int
    model: str = ""
    page: str = ""
    snapshots: bool = False


@dataclass(frozen=True, slots=True)
class Discovery:
    """The message by which a camera is found: JSON at ``topic``, which names the state topics ``states``.

    An empty ``topic`` is that of a camera which is not to be found.
    """

    topic: str = ""
    config: str = ""
    states: tuple[str, ...] = ()

    @property
    def announced(self) -> Announced:
        """What a broker and Home Assistant hold once this was told."""
        if not self.topic:
            return NOTHING
        components: dict[str, dict[str, str]] = json.loads(self.config)["components"]
        platforms = {key: entity["platform"] for key, entity in components.items()}
        return Announced(frozenset({self.topic}), frozenset(self.states), platforms)

    def removing(self, gone: Mapping[str, str]) -> str:
        """The message to be told just before, which removes entities that are ``gone`` (platforms by key)."""
        config = json.loads(self.config)
        config["components"] |= {key: {"platform": platform} for key, platform in gone.items()}
        return ordered_json(config).decode()


NOWHERE: Final = Discovery()


def discovery_of(device: Device, prefix: str) -> Discovery:
    """What is to be told of ``device`` below Home Assistant's topic ``prefix``."""
    identity = device.identity
    topics = Topics.of(identity)
    entities = entities_of(topics, device.kinds, device.health_expires_s, device.snapshots)
    config = {
        "device": _device(device),
        "origin": {"name": "edgecam", "sw_version": identity.version},
        "availability": [
            {
                "topic": topics.status,
                "value_template": "{{ 'online' if value_json.state == 'online' else 'offline' }}",
            }
        ],
        "availability_mode": "all",
        "qos": 1,
        "components": {
            key: {"unique_id": f"{identity.camera}_{key}", **entity} for key, entity in entities.items()
        },
    }
    return Discovery(
        f"{prefix}/device/{identity.site}/{identity.camera}/config",
        ordered_json(config).decode(),
        tuple(topics.state(kind) for kind in told_kinds(device.kinds)),
    )


def _device(device: Device) -> dict[str, Any]:
    identity = device.identity
    told = {
        "identifiers": [identity.camera],
        "name": device.name,
        "manufacturer": "edgecam",
        "serial_number": identity.camera,
        "sw_version": identity.version,
    }
    if device.model:
        told["model"] = device.model
    if device.page:
        told["configuration_url"] = device.page
    return told
