"""Home Assistant's rules for device discovery over MQTT, as far as a message alone can keep or break them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Config = dict[str, Any]

_TOPIC = re.compile(r"[^+#]+/device/([a-zA-Z0-9_-]+/)?[a-zA-Z0-9_-]+/config")
_ROOT = {"device", "origin", "components", "availability", "availability_mode", "qos"}
_DEVICE = {
    *("identifiers", "connections", "name", "manufacturer", "model", "model_id", "serial_number", "hw_version"),
    *("sw_version", "suggested_area", "via_device", "configuration_url"),
}
_ANY = {
    *("platform", "unique_id", "name", "icon", "device_class", "entity_category", "enabled_by_default"),
    *("json_attributes_topic", "json_attributes_template", "availability", "default_entity_id"),
}
_READING = {"state_topic", "value_template", "expire_after"}
_KNOWN = {
    "binary_sensor": _ANY | _READING | {"payload_on", "payload_off", "off_delay"},
    "sensor": _ANY | _READING | {"state_class", "unit_of_measurement", "suggested_display_precision", "options"},
    "event": _ANY | {"state_topic", "value_template", "event_types"},
    "image": _ANY | {"image_topic", "content_type"},
}
_UNITS = {
    "duration": {"d", "h", "min", "s", "ms"},
    "data_size": {"B", "kB", "MB", "GB"},
    "data_rate": {"bit/s", "kbit/s", "Mbit/s"},
    "temperature": {"°C", "°F", "K"},
    "signal_strength": {"dBm", "dB"},
}


def violations(topic: str, config: Config) -> list[str]:
    """Each broken rule by its number, with what breaks it."""
    found = [
        *(["HA-1 topic"] if not _TOPIC.fullmatch(topic) else []),
        *(["HA-2 device"] if "device" not in config else []),
        *(["HA-2 origin"] if not config.get("origin", {}).get("name") else []),
        *(f"HA-4 {key}" for key in config.keys() - _ROOT),
        *(["HA-10 mode"] if config.get("availability_mode", "latest") not in ("all", "any", "latest") else []),
        *_device(config.get("device", {})),
    ]
    components: dict[str, Config] = config.get("components", {})
    names = [component.get("unique_id") for component in components.values()]
    found += [f"HA-3 {name} twice" for name in set(names) if names.count(name) > 1]
    for key, component in components.items():
        found += [f"{broken} ({key})" for broken in _component(component)]
    return found


def _device(device: Config) -> Iterator[str]:
    if not device.get("identifiers") and not device.get("connections"):
        yield "HA-5 no identifier"
    yield from (f"HA-5 {key}" for key in device.keys() - _DEVICE)


def _component(component: Config) -> Iterator[str]:
    known = _KNOWN.get(component.get("platform", ""))
    if known is None:
        yield "HA-3 platform"
        return
    if len(component) < 2 or not component.get("unique_id"):
        yield "HA-3 unique_id"
    if "object_id" in component:
        yield "HA-15 object_id"
    # An unknown key is passed over without a word there: a slip of the pen would never show.
    yield from (f"HA-7 {key}" for key in component.keys() - known)
    yield from (f"HA-7 {key} is relative" for key, value in component.items() if str(value).startswith("~"))
    if component.get("entity_category") not in (None, "diagnostic"):
        yield "HA-18 entity_category"
    if component["platform"] == "event" and not component.get("event_types"):
        yield "HA-12 event_types"
    if component["platform"] == "image" and not component.get("image_topic"):
        yield "HA-13 image_topic"
    yield from _measure(component)


def _measure(component: Config) -> Iterator[str]:
    unit, kind = component.get("unit_of_measurement"), component.get("device_class")
    if kind in _UNITS and unit not in _UNITS[kind]:
        yield f"{unit} does not measure {kind}"
    if "options" in component and (kind != "enum" or unit or "state_class" in component):
        yield "options are for enum alone"
    if kind == "enum" and not component.get("options"):
        yield "enum without options"
    if kind == "timestamp" and "state_class" in component:
        yield "a timestamp measures nothing"
