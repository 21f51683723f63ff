"""Discovery keeps every rule of Home Assistant's, and its templates name only what the messages have."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any, get_args

import pytest
from homeassistantrules import violations
from hypothesis import given
from hypothesis import strategies as st
from stand import IDENTITY, ROOT

from edgecam.core.events import EventKind
from edgecam.telemetry.announced import NOTHING
from edgecam.telemetry.discovery import NOWHERE, Device, discovery_of
from edgecam.telemetry.healthmessage import HealthMessage
from edgecam.telemetry.messages import EventMessage, Header, StatusMessage
from edgecam.telemetry.states import MOMENTARY, StateKind, StateMessage

pytestmark = pytest.mark.row("T3")

DEVICE = Device(IDENTITY, "front", frozenset(EventKind), health_expires_s=180)
FULL = replace(DEVICE, model="Raspberry Pi 4", page="https://front.example/", snapshots=True)
# Automations of people hang on these: one may be added here, or given up, never given another meaning.
KEYS = {
    *("connection", "recording", "private", "tamper", "event", "snapshot", "problem", "throttled", "days_kept"),
    *("days_owed", "days_forecast", "last_gap", "gaps_24h", "wear", "damaged_segments", "holds", "mask_state"),
    *("aim", "clock_trust", "version", "updated", "cpu_temperature", "disk_free", "ring_size"),
    *("memory_available", "wifi_signal", "fps", "bit_rate", "outbox_events", "outbox_lost", "update_waiting"),
}
MODELS: dict[str, type[Header]] = {
    "status": StatusMessage,
    "health": HealthMessage,
    "event": EventMessage,
    "state": StateMessage,
}


def told(device: Device = FULL, prefix: str = "homeassistant") -> dict[str, Any]:
    config: dict[str, Any] = json.loads(discovery_of(device, prefix).config)
    return config


def components(device: Device = FULL) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = told(device)["components"]
    return found


@given(
    st.frozensets(st.sampled_from(EventKind)),
    st.booleans(),
    st.sampled_from(["", "https://front.example/"]),
    st.text(min_size=1, max_size=40),
)
def test_every_camera_keeps_every_rule(kinds: frozenset[EventKind], pictures: bool, page: str, name: str) -> None:
    discovery = discovery_of(Device(IDENTITY, name, kinds, 180, "", page, pictures), "homeassistant")
    assert violations(discovery.topic, json.loads(discovery.config)) == []


@pytest.mark.parametrize(
    ("rule", "broken"),
    [
        ("HA-2", {"origin": {}}),
        ("HA-4", {"state_topic": "edgecam", "icon": "mdi:cctv"}),
        ("HA-5", {"device": {"name": "front"}}),
        ("HA-10", {"availability_mode": "some"}),
        ("HA-3", {"components": {"a": {"platform": "sensor", "name": "a"}}}),
        ("HA-3", {"components": {"a": {"platform": "camera", "unique_id": "a"}}}),
        ("HA-7", {"components": {"a": {"platform": "sensor", "unique_id": "a", "state_topik": "x"}}}),
        ("HA-7", {"components": {"a": {"platform": "sensor", "unique_id": "a", "state_topic": "~/x"}}}),
        ("HA-12", {"components": {"a": {"platform": "event", "unique_id": "a", "state_topic": "x"}}}),
        ("HA-15", {"components": {"a": {"platform": "sensor", "unique_id": "a", "object_id": "a"}}}),
        ("HA-18", {"components": {"a": {"platform": "sensor", "unique_id": "a", "entity_category": "config"}}}),
        ("enum", {"components": {"a": {"platform": "sensor", "unique_id": "a", "device_class": "enum"}}}),
    ],
)
def test_the_rules_see_what_breaks_them(rule: str, broken: dict[str, Any]) -> None:
    assert any(found.startswith(rule) for found in violations("homeassistant/device/a/b/config", told() | broken))
    assert violations("homeassistant/device/a b/config", told()) == ["HA-1 topic"]


def test_the_keys_are_those_that_they_always_were() -> None:
    lasting = {kind.value for kind in set(EventKind) - MOMENTARY}
    assert set(components()) == KEYS | lasting
    assert {config["unique_id"] for config in components().values()} == {
        f"{IDENTITY.camera}_{key}" for key in KEYS | lasting
    }


def test_one_message_names_the_device_where_the_access_list_lets_it() -> None:
    discovery = discovery_of(FULL, "homeassistant")
    assert discovery.topic == f"homeassistant/device/{IDENTITY.site}/{IDENTITY.camera}/config"
    assert discovery_of(FULL, "house/ha").topic.startswith("house/ha/device/")
    device = told()["device"]
    assert (device["name"], device["identifiers"]) == ("front", [IDENTITY.camera])
    assert (device["model"], device["configuration_url"]) == ("Raspberry Pi 4", "https://front.example/")
    assert {"model", "configuration_url"}.isdisjoint(told(DEVICE)["device"])


def test_what_is_switched_off_is_not_there() -> None:
    few = components(replace(DEVICE, kinds=frozenset({EventKind.PERSON, EventKind.LINE_CROSSING})))
    assert {"person", "event"} <= set(few)
    assert {"vehicle", "tamper", "line_crossing", "snapshot"}.isdisjoint(few)
    assert few["event"]["event_types"] == ["person", "line_crossing"]
    assert "event" not in components(replace(DEVICE, kinds=frozenset()))


def test_templates_name_only_fields_that_their_messages_have() -> None:
    for key, config in components().items():
        for name, template in config.items():
            if not name.endswith("_template"):
                continue
            topic = config["json_attributes_topic" if name.startswith("json") else "state_topic"]
            kind = topic.removeprefix(f"{ROOT}/").partition("/")[0]
            named = set(re.findall(r"value_json\.(\w+)", template))
            assert named, f"{key}: {template}"
            assert named <= set(MODELS[kind].model_fields), f"{key}: {template}"


def test_health_expires_and_what_is_retained_does_not() -> None:
    for key, config in components().items():
        of_health = config.get("state_topic") == f"{ROOT}/health"
        assert config.get("expire_after") == (180 if of_health else None), key


def test_the_camera_itself_may_be_gone_and_its_connection_still_says_why() -> None:
    connection = components()["connection"]
    states = get_args(StatusMessage.model_fields["state"].annotation)
    assert (connection["state_topic"], connection["options"]) == (f"{ROOT}/status", list(states))
    assert connection["availability"] == []
    assert all("availability" not in config for key, config in components().items() if key != "connection")
    (one,) = told()["availability"]
    assert one["topic"] == f"{ROOT}/status"
    assert "== 'online'" in one["value_template"]


def test_nothing_can_be_ordered_and_no_stream_is_announced() -> None:
    assert {config["platform"] for config in components().values()} <= {"sensor", "binary_sensor", "event", "image"}
    assert not [config for config in components().values() if "command_topic" in config]


def test_a_picture_is_shown_only_where_plain_ones_are_sent_and_then_not_unasked() -> None:
    assert "snapshot" not in components(DEVICE)
    assert components()["snapshot"]["enabled_by_default"] is False


def test_entities_that_are_gone_are_told_by_their_platform_alone() -> None:
    discovery = discovery_of(DEVICE, "homeassistant")
    removing = json.loads(discovery.removing({"goat": "sensor", "person": "event"}))
    assert removing["components"].pop("goat") == {"platform": "sensor"}
    assert removing["components"].pop("person") == {"platform": "event"}
    kept = json.loads(discovery.config)
    del kept["components"]["person"]
    assert removing == kept


def test_what_was_announced_is_the_topics_that_stay_and_the_platforms() -> None:
    announced = discovery_of(DEVICE, "homeassistant").announced
    assert announced.platforms["person"] == "binary_sensor"
    assert announced.configs == {discovery_of(DEVICE, "homeassistant").topic}
    assert f"{ROOT}/state/{StateKind.TAMPER}" in announced.states
    assert f"{ROOT}/health" not in announced.states
    assert NOWHERE.announced == NOTHING
