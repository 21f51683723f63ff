"""What Home Assistant shows of a camera, entity by entity: the keys, names and templates of its discovery.

A key is an entity's name for ever: Home Assistant and its owner's automations know it by nothing else. One may be
added or given up, never reused for something else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, TypeAlias, get_args

from edgecam.core.events import EventKind
from edgecam.telemetry.healthmessage import AimWord, MaskLife
from edgecam.telemetry.messages import Trust
from edgecam.telemetry.states import StateKind, told_kinds
from edgecam.telemetry.topics import Topics

Config: TypeAlias = dict[str, Any]

_DIAGNOSTIC: Final = {"entity_category": "diagnostic"}
# There, but switched off until its owner wants it.
_ASIDE: Final = _DIAGNOSTIC | {"enabled_by_default": False}
_MEASURED: Final = {"state_class": "measurement"}
_DAYS: Final = _MEASURED | {
    "device_class": "duration",
    "unit_of_measurement": "d",
    "suggested_display_precision": 1,
}
_SECONDS: Final = _MEASURED | {"device_class": "duration", "unit_of_measurement": "s"}
_GIGABYTES: Final = _MEASURED | {
    "device_class": "data_size",
    "unit_of_measurement": "GB",
    "suggested_display_precision": 1,
}

# A camera that was away sends what it saw meanwhile; nobody wants his lamps switched by what was yesterday.
_FRESH_S: Final = 300
_EVENT: Final = (
    "{% if value_json.revision == 0 and (value_json.start.trust != 'synced' or "
    f"(now() | as_timestamp) - (value_json.start.utc | as_timestamp) < {_FRESH_S})"
    " %}{{ dict(value_json, event_type=value_json.kind) | tojson }}{% endif %}"
)

_OCCUPANCY: Final = {"device_class": "occupancy"}
_SAFETY: Final = {"device_class": "safety"}
_PROBLEM: Final = _DIAGNOSTIC | {"device_class": "problem"}
_STATES: Final[dict[EventKind | StateKind, Config]] = {
    StateKind.RECORDING: {"device_class": "running"},
    StateKind.PRIVATE: {"icon": "mdi:eye-off"},
    StateKind.TAMPER: {"device_class": "tamper"},
    EventKind.MOTION: {"device_class": "motion"},
    EventKind.PERSON: _OCCUPANCY,
    EventKind.VEHICLE: _OCCUPANCY,
    EventKind.BICYCLE: _OCCUPANCY,
    EventKind.ANIMAL: _OCCUPANCY,
    EventKind.COVERED: _PROBLEM,
    EventKind.DEFOCUSED: _PROBLEM,
    EventKind.BLINDED: _PROBLEM,
    EventKind.DARK: _PROBLEM,
    EventKind.FROZEN: _PROBLEM,
    EventKind.SIGNAL_LOST: _PROBLEM,
    EventKind.MOVED: _PROBLEM,
    EventKind.LOITERING: _OCCUPANCY,
    EventKind.PARKED_VEHICLE: _OCCUPANCY,
    EventKind.CROWDING: _OCCUPANCY,
}


def entities_of(topics: Topics, kinds: Iterable[EventKind], health_expires_s: int, snapshots: bool) -> Config:
    """Every entity by its key, for a camera that reports events of ``kinds``.

    What health tells is unknown ``health_expires_s`` after the last word; ``snapshots`` says that plain pictures go
    to the broker.
    """
    told = [kind for kind in EventKind if kind in set(kinds)]
    found = {"connection": _connection(topics)}
    found |= {kind.value: _state(topics, kind) for kind in told_kinds(told)}
    found |= {key: _of_health(topics, config, health_expires_s) for key, config in _HEALTH.items()}
    if told:
        found["event"] = _events(topics, told)
    if snapshots:
        found["snapshot"] = _snapshot(topics)
    return found


def _connection(topics: Topics) -> Config:
    """The one that is there when the camera is not: whether it was stopped, or vanished."""
    return _DIAGNOSTIC | {
        "platform": "sensor",
        "name": "Connection",
        "device_class": "enum",
        "options": ["online", "stopped", "offline"],
        "state_topic": topics.status,
        "value_template": "{{ value_json.state }}",
        "availability": [],
    }


def _state(topics: Topics, kind: EventKind | StateKind) -> Config:
    told = _STATES.get(kind, _SAFETY) | {
        "platform": "binary_sensor",
        "name": kind.value.replace("_", " ").capitalize(),
        "state_topic": topics.state(kind),
        "value_template": "{{ value_json.state }}",
    }
    if kind in (StateKind.RECORDING, StateKind.PRIVATE):
        return told
    return told | {
        "json_attributes_topic": topics.state(kind),
        "json_attributes_template": "{{ {'since': value_json.since.utc if value_json.since else none, "
        "'count': value_json.count} | tojson }}",
    }


def _events(topics: Topics, kinds: Iterable[EventKind]) -> Config:
    return {
        "platform": "event",
        "name": "Event",
        "icon": "mdi:cctv",
        "event_types": [kind.value for kind in kinds],
        "state_topic": topics.event,
        "value_template": _EVENT,
    }


def _snapshot(topics: Topics) -> Config:
    return {
        "platform": "image",
        "name": "Last picture (masked)",
        "image_topic": topics.snapshot,
        "content_type": "image/jpeg",
        "enabled_by_default": False,
    }


def _of_health(topics: Topics, config: Config, expires_s: int) -> Config:
    told: Config = {"platform": "sensor", "state_topic": topics.health, "expire_after": expires_s} | config
    if "json_attributes_template" in told:
        told["json_attributes_topic"] = topics.health
    return told


def _value(field: str) -> str:
    return f"{{{{ value_json.{field} }}}}"


def _sensor(name: str, field: str, *more: Config) -> Config:
    told: Config = {"name": name, "value_template": _value(field)}
    for config in more:
        told |= config
    return told


def _enum(name: str, field: str, words: Iterable[str]) -> Config:
    return _sensor(name, field, _DIAGNOSTIC, {"device_class": "enum", "options": list(words)})


def _gigabytes(name: str, field: str, *more: Config) -> Config:
    value = f"{{{{ value_json.{field} / 1e9 if value_json.{field} is number else none }}}}"
    return _sensor(name, field, _GIGABYTES, {"value_template": value}, *more)


def _attributes(*fields: str) -> Config:
    told = ", ".join(f"'{field}': value_json.{field}" for field in fields)
    return {"json_attributes_template": f"{{{{ {{{told}}} | tojson }}}}"}


_HEALTH: Final[dict[str, Config]] = {
    "problem": _PROBLEM
    | {
        "platform": "binary_sensor",
        "name": "Problem",
        "value_template": "{{ 'ON' if value_json.faults else 'OFF' }}",
        "json_attributes_template": "{{ {'codes': value_json.faults | map(attribute='code') | list, "
        "'sentences': value_json.faults | map(attribute='sentence') | list} | tojson }}",
    },
    "throttled": _PROBLEM
    | {
        "platform": "binary_sensor",
        "name": "Throttled",
        "value_template": "{{ none if value_json.throttled_now is none else "
        "'ON' if value_json.throttled_now else 'OFF' }}",
    }
    | _attributes("throttled_now", "throttled_since_boot"),
    "days_kept": _sensor("Days kept", "days_kept", _DAYS),
    "days_owed": _sensor("Days owed", "days_owed", _DAYS, _DIAGNOSTIC),
    "days_forecast": _sensor("Days forecast", "days_forecast", _DAYS, _DIAGNOSTIC),
    "last_gap": _sensor("Last gap", "last_gap_s", _SECONDS, _DIAGNOSTIC, _attributes("last_gap_cause")),
    "gaps_24h": _sensor("Gaps in 24 hours", "gaps_24h_s", _SECONDS, _DIAGNOSTIC, _attributes("gaps_24h")),
    "wear": _sensor(
        "Card wear",
        "wear_percent",
        _MEASURED,
        _DIAGNOSTIC,
        _attributes("medium_life"),
        {"unit_of_measurement": "%", "icon": "mdi:sd"},
    ),
    "damaged_segments": _sensor("Damaged segments", "damaged_segments", _MEASURED, _DIAGNOSTIC),
    "holds": _sensor("Holds", "holds", _MEASURED, _DIAGNOSTIC, _attributes("hold_bytes", "holds_review_due")),
    "mask_state": _enum("Masks", "mask_state", get_args(MaskLife)),
    "aim": _enum("Aim", "aim", get_args(AimWord)) | _attributes("aim_off_percent"),
    "clock_trust": _enum("Clock", "clock_trust", get_args(Trust)),
    "version": _sensor("Version", "version", _DIAGNOSTIC),
    "updated": _sensor(
        "Last update",
        "version_since",
        _DIAGNOSTIC,
        {
            "device_class": "timestamp",
            "value_template": "{{ value_json.version_since.utc if value_json.version_since else none }}",
        },
    ),
    # Not of the platform "update": that compares versions without what tells newer packages.
    "update_waiting": _DIAGNOSTIC
    | {
        "platform": "binary_sensor",
        "name": "Update waiting",
        "device_class": "update",
        "value_template": "{{ none if value_json.update_waiting is none else "
        "'ON' if value_json.update_waiting else 'OFF' }}",
    }
    | _attributes("update_waiting"),
    "cpu_temperature": _sensor(
        "CPU temperature",
        "cpu_temperature_c",
        _MEASURED,
        _DIAGNOSTIC,
        {"device_class": "temperature", "unit_of_measurement": "°C", "suggested_display_precision": 1},
    ),
    "disk_free": _gigabytes("Disk free", "disk_free_bytes", _DIAGNOSTIC),
    "ring_size": _gigabytes("Ring size", "ring_size_bytes", _ASIDE),
    "memory_available": _gigabytes("Memory available", "memory_available_bytes", _ASIDE),
    "wifi_signal": _sensor(
        "Wi-Fi signal",
        "wifi_signal_dbm",
        _MEASURED,
        _ASIDE,
        {"device_class": "signal_strength", "unit_of_measurement": "dBm"},
    ),
    "fps": _sensor("Frames per second", "fps", _MEASURED, _ASIDE),
    "bit_rate": _sensor(
        "Bit rate",
        "bit_rate_kbps",
        _MEASURED,
        _ASIDE,
        {"device_class": "data_rate", "unit_of_measurement": "kbit/s", "suggested_display_precision": 0},
    ),
    "outbox_events": _sensor("Events waiting", "outbox_events", _MEASURED, _DIAGNOSTIC),
    "outbox_lost": _sensor("Events lost", "outbox_lost", _DIAGNOSTIC, {"state_class": "total_increasing"}),
}
