"""ONVIF's JSON events: what lasts is retained until it ends, what happened is told once, names stay in the tree."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_camera import ObedientClock
from stand import IDENTITY, ROOT

from edgecam.core.clock import NS_PER_S
from edgecam.core.events import Event, EventKind
from edgecam.core.recent import EventChanges, RecentEvents
from edgecam.telemetry.onvif import LIVES_S, OnvifEvents
from edgecam.telemetry.onviftopics import ONVIF_TOPICS
from edgecam.telemetry.publication import Outgoing
from edgecam.telemetry.topics import Topics

pytestmark = pytest.mark.row("T1")

EJ = f"{ROOT}/onvif-ej"
FENCE = f"{EJ}/RuleEngine/FieldDetector/ObjectsInside/&1/lawn"
AT = "2026-11-21T10:00:00.000Z"


class _Camera:
    """Events as they come, and what is said of them over one session."""

    def __init__(self, folder: Path) -> None:
        self.clock = ObedientClock()
        self.path = folder / "events.jsonl"
        self.recent = RecentEvents(self.path)
        self.onvif = self.started()
        self._number = 0

    def started(self) -> OnvifEvents:
        """A new process that tells the events that there are."""
        return OnvifEvents(Topics.of(IDENTITY), EventChanges(self.path), self.clock)

    def begins(self, kind: EventKind, zone: str | None = "lawn", track: int | None = 7) -> Event:
        self._number += 1
        now_ns = self.clock.now().wall_ns
        event = Event(f"e{self._number}", 0, kind, now_ns, None, 2, 0.8, "It is so.", track, None, zone)
        self.recent.add(event)
        return event

    def ends(self, event: Event) -> None:
        self.recent.add(replace(event, revision=event.revision + 1, end_wall_ns=self.clock.now().wall_ns))

    def happens(self, kind: EventKind, zone: str | None = "lawn") -> None:
        event = self.begins(kind, zone)
        self.recent.add(replace(event, end_wall_ns=event.start_wall_ns))

    def says(self) -> list[tuple[str, bool, Any]]:
        return [_read(message) for message in self.onvif.say()]


def _read(message: Outgoing) -> tuple[str, bool, Any]:
    return message.topic, message.retain, json.loads(message.payload) if message.payload else None


def test_what_lasts_is_retained_and_deleted_when_it_ends(tmp_path: Path) -> None:
    camera = _Camera(tmp_path)
    camera.says()
    intrusion = camera.begins(EventKind.INTRUSION)
    source = {"VideoSource": "1", "Rule": "lawn"}
    assert camera.says() == [
        (FENCE, True, {"UtcTime": AT, "Source": source, "Data": {"IsInside": True, "ObjectId": "7"}})
    ]
    assert camera.says() == []
    camera.clock.sleep(3)
    camera.ends(intrusion)
    ended = {"UtcTime": "2026-11-21T10:00:03.000Z", "Source": source, "Data": {"IsInside": False}}
    assert camera.says() == [(FENCE, False, ended), (FENCE, True, None)]


def test_what_happened_is_told_once_and_not_retained(tmp_path: Path) -> None:
    camera = _Camera(tmp_path)
    camera.happens(EventKind.LINE_CROSSING, "gate")
    person = camera.begins(EventKind.PERSON, None)
    crossed = {"UtcTime": AT, "Source": {"VideoSource": "1", "Rule": "gate"}, "Data": {"ObjectId": "7"}}
    seen = {
        "UtcTime": AT,
        "Source": {"VideoSource": "1", "Rule": "person"},
        "Data": {"ObjectId": "7", "ClassTypes": "Human"},
    }
    assert camera.says() == [
        (f"{EJ}/RuleEngine/LineDetector/Crossed/&1/gate", False, crossed),
        (f"{EJ}/RuleEngine/ObjectDetection/Object/&1/person", False, seen),
    ]
    camera.ends(person)
    assert camera.says() == []


def test_a_scene_state_names_the_source_alone(tmp_path: Path) -> None:
    camera = _Camera(tmp_path)
    camera.begins(EventKind.DARK, None, None)
    assert camera.says() == [
        (
            f"{EJ}/VideoSource/ImageTooDark/AnalyticsService/&1",
            True,
            {"UtcTime": AT, "Source": {"Source": "1"}, "Data": {"State": True}},
        )
    ]


def test_two_in_one_place_are_one_state_until_the_last_is_gone(tmp_path: Path) -> None:
    camera = _Camera(tmp_path)
    first = camera.begins(EventKind.LOITERING, track=1)
    camera.says()
    camera.clock.sleep(10)
    second = camera.begins(EventKind.LOITERING, track=2)
    ((_, _, both),) = camera.says()
    assert both["Data"] == {"Since": AT, "ObjectId": "1 2"}
    camera.ends(first)
    ((_, retained, one),) = camera.says()
    assert retained
    assert one["Data"] == {"Since": "2026-11-21T10:00:10.000Z", "ObjectId": "2"}
    camera.ends(second)
    assert [payload for _, _, payload in camera.says()] == [None]


def test_what_was_over_at_once_is_told_all_the_same(tmp_path: Path) -> None:
    camera = _Camera(tmp_path)
    camera.says()
    camera.happens(EventKind.DUMPING)
    told = camera.says()
    assert [(retained, payload and payload["Data"]) for _, retained, payload in told] == [
        (False, {"State": True, "ObjectId": "7"}),
        (False, {"State": False}),
        (True, None),
    ]


def test_a_connection_gets_every_state_anew_and_nothing_stale(tmp_path: Path) -> None:
    camera = _Camera(tmp_path)
    over = camera.begins(EventKind.INTRUSION, "path")
    camera.begins(EventKind.INTRUSION)
    camera.says()
    camera.ends(over)
    camera.happens(EventKind.LINE_CROSSING, "old")
    camera.clock.sleep(61)
    camera.happens(EventKind.LINE_CROSSING, "new")
    path = FENCE.replace("lawn", "path")
    for onvif in (camera.onvif, camera.started()):
        onvif.connected()
        told = [_read(message) for message in onvif.say()]
        assert [topic for topic, retained, _ in told if not retained] == [
            f"{EJ}/RuleEngine/LineDetector/Crossed/&1/new"
        ]
        kept = {topic: payload for topic, retained, payload in told if retained}
        assert kept.keys() == {FENCE, path}
        assert kept[path] is None
        assert kept[FENCE]["Data"]["IsInside"]


def test_a_state_that_nobody_can_end_any_more_expires_and_one_that_lasts_does_not(tmp_path: Path) -> None:
    camera = _Camera(tmp_path)
    camera.says()
    camera.begins(EventKind.INTRUSION)
    (message,) = camera.onvif.say()
    assert message.expiry_s == LIVES_S
    spoken = 0
    for _ in range(LIVES_S):
        camera.clock.sleep(1)
        again = camera.says()
        spoken += len(again)
        assert all(topic == FENCE and retained for topic, retained, _ in again)
    assert spoken in (2, 3)


def test_each_kind_has_a_topic_below_the_cameras_own_tree(tmp_path: Path) -> None:
    assert set(ONVIF_TOPICS) == set(EventKind)
    camera = _Camera(tmp_path)
    camera.says()
    for kind in EventKind:
        camera.begins(kind)
        told = camera.says()
        assert told, kind
        for topic, retained, payload in told:
            assert topic.startswith(f"{EJ}/{ONVIF_TOPICS[kind].path}/&1")
            assert retained == ONVIF_TOPICS[kind].lasting
            assert set(payload) == {"UtcTime", "Source", "Data"}


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=80))
def test_no_name_of_a_zone_leads_out_of_its_place_in_the_topic(zone: str) -> None:
    with TemporaryDirectory() as folder:
        camera = _Camera(Path(folder))
        camera.begins(EventKind.INTRUSION, zone)
        ((topic, _, payload),) = camera.says()
    prefix, _, name = topic.rpartition("/")
    assert prefix == FENCE.rpartition("/")[0]
    assert name
    assert not set(name) & {"#", "+"}
    assert payload["Source"]["Rule"] == zone


@pytest.mark.parametrize("wall_ns", [-(10**30), 10**30, 300_000 * 365 * 86_400 * NS_PER_S])
def test_a_time_that_no_calendar_has_is_left_out_and_nothing_else_is(tmp_path: Path, wall_ns: int) -> None:
    camera = _Camera(tmp_path)
    strange = camera.begins(EventKind.INTRUSION, "moon")
    camera.recent.add(replace(strange, start_wall_ns=wall_ns))
    camera.begins(EventKind.INTRUSION)
    assert [topic for topic, _, _ in camera.says()] == [FENCE]
    camera.onvif.connected()
    assert [topic for topic, _, _ in camera.says()] == [FENCE]
