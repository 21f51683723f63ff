"""The analysis over real footage, against what a person saw in it."""

from __future__ import annotations

import json
from functools import cache

import cv2
import pytest
from analysisstand import analyser, end_s, footage, footage_frames, latest, of_kind, start_s, told

from edgecam.analysis.analyser import Analyser
from edgecam.analysis.detector import LiteRtDetector
from edgecam.core.events import Event, EventKind
from edgecam.core.picture import Picture

pytestmark = pytest.mark.footage
OBJECTS = (EventKind.PERSON, EventKind.VEHICLE, EventKind.BICYCLE, EventKind.ANIMAL)
SCENE = (EventKind.COVERED, EventKind.MOVED)


@cache
def _events(name: str) -> tuple[Event, ...]:
    cv2.setNumThreads(1)
    path = footage(name)
    first = next(footage_frames(path)).picture
    return tuple(told(_looking(first), footage_frames(path)))


def _looking(picture: Picture) -> Analyser:
    return analyser(LiteRtDetector(), (picture.width, picture.height))


def _spans(name: str, key: str, kind: str = "") -> list[tuple[float, float]]:
    truth = json.loads(footage(name).with_suffix(".truth.json").read_text())
    return [(one["t0"], one["t1"]) for one in truth[key] if not kind or one["type"] == kind]


@pytest.mark.row("A2")
def test_every_person_who_comes_by_is_reported_and_nobody_in_the_gaps() -> None:
    name = "intel_one-by-one-person.mp4"
    events = of_kind(list(_events(name)), *OBJECTS)
    presences, gaps = _spans(name, "events", "person_present"), _spans(name, "negatives")
    assert (len(presences), len(gaps)) == (6, 7)
    for begin_s, until_s in presences:
        inside = [one for one in events if begin_s <= start_s(one) <= until_s]
        assert any(one.kind == EventKind.PERSON for one in inside), (begin_s, until_s)
    for begin_s, until_s in gaps:
        assert not any(start_s(one) < until_s and end_s(one) > begin_s for one in events), (begin_s, until_s)
    assert len(events) == 6


@pytest.mark.row("A2")
def test_every_vehicle_is_reported_and_nothing_on_empty_asphalt() -> None:
    name = "intel_car-detection.mp4"
    events = of_kind(list(_events(name)), *OBJECTS)
    presences, gaps = _spans(name, "events", "vehicle_present"), _spans(name, "negatives")
    assert len(presences) == 4
    for begin_s, until_s in presences:
        assert any(one.kind == EventKind.VEHICLE and begin_s <= start_s(one) <= until_s for one in events)
    assert len([one for one in events if one.kind == EventKind.VEHICLE]) == 4
    for begin_s, until_s in gaps:
        assert not any(start_s(one) < until_s and end_s(one) > begin_s for one in events), (begin_s, until_s)


@pytest.mark.row("A2")
def test_people_on_a_busy_path_are_reported() -> None:
    events = of_kind(list(_events("vtest.avi")), *OBJECTS)
    people = [one for one in events if one.kind == EventKind.PERSON]
    # Nineteen different people come by, some of them twice.
    assert 19 <= len(people) <= 32
    for begin_s in range(0, 75, 5):
        assert any(start_s(one) < begin_s + 5 and end_s(one) > begin_s for one in people), begin_s
    assert len(events) - len(people) <= 2


@pytest.mark.row("A2")
@pytest.mark.parametrize("name", ["simpletracking_night.mp4", "urfall_a.mp4", "urfall_b.mp4"])
def test_one_man_is_a_person_and_no_vehicle(name: str) -> None:
    events = of_kind(list(_events(name)), *OBJECTS)
    # At night he walks out of the light and comes back.
    assert len(events) == (2 if "night" in name else 1)
    assert {one.kind for one in events} == {EventKind.PERSON}


@pytest.mark.row("A2")
def test_a_cyclist_beside_a_motorway_is_one_object_and_no_vehicle() -> None:
    ridden = of_kind(list(_events("bgslib_motorway_video02.avi")), EventKind.PERSON, EventKind.BICYCLE)
    assert len(ridden) == 1
    assert 3.0 <= start_s(ridden[0]) <= 6.0
    assert ridden[0].box is not None
    assert ridden[0].box[0] > 0.7


@pytest.mark.row("A5")
@pytest.mark.parametrize("name", ["dvrscan_issue53_brightness.avi"])
def test_a_brightness_step_and_trees_say_nothing(name: str) -> None:
    assert latest(list(_events(name))) == []


@pytest.mark.row("A5")
def test_leaves_say_nothing() -> None:
    frames = (one for one in footage_frames(footage("tree.avi"), looks_per_s=15, fps=5.0) if one.sequence <= 50)
    kept = list(frames)
    assert len(kept) > 30
    assert told(_looking(kept[0].picture), iter(kept)) == []


@pytest.mark.row("A1")
def test_a_hand_on_the_lens_is_covered() -> None:
    (event,) = of_kind(list(_events("mirafra_tamper3_hand.mp4")), *SCENE)
    assert event.kind == EventKind.COVERED
    assert 7.5 <= start_s(event) <= 9.0


@pytest.mark.row("A1")
@pytest.mark.row("A5")
@pytest.mark.parametrize(
    "name",
    [
        "intel_one-by-one-person.mp4",
        "intel_car-detection.mp4",
        "vtest.avi",
        "simpletracking_night.mp4",
        "urfall_a.mp4",
        "urfall_b.mp4",
        "bgslib_motorway_video02.avi",
        "dvrscan_traffic_camera.mp4",
    ],
)
def test_a_camera_that_nobody_touches_is_neither_covered_nor_moved(name: str) -> None:
    events = list(_events(name))
    assert latest(events)
    assert of_kind(events, *SCENE) == []


def test_the_same_footage_gives_the_same_events() -> None:
    path = footage("urfall_b.mp4")
    frames = list(footage_frames(path))
    again = told(_looking(frames[0].picture), iter(frames))
    assert again == list(_events("urfall_b.mp4"))
    assert again
