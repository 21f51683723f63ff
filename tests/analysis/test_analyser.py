from __future__ import annotations

import numpy as np
import pytest
from analysisstand import (
    PERSON_V,
    VEHICLE_V,
    ColourDetector,
    Paint,
    analyser,
    end_s,
    film,
    latest,
    noisy,
    of_kind,
    scene,
    small_frame,
    start_s,
    thing,
    told,
)

from edgecam.analysis.analyser import Analyser
from edgecam.analysis.rule import NO_RULES
from edgecam.analysis.rulebook import decode_rules
from edgecam.analysis.settings import AnalysisSettings
from edgecam.core.errors import BadInput
from edgecam.core.events import Event, EventKind
from edgecam.core.picture import Picture


def _walker(picture: Picture, at_s: float) -> None:
    if 4 <= at_s < 14:
        thing(picture, 50 * (at_s - 4), 120, 40, 110, 240, PERSON_V)


def _car(picture: Picture, at_s: float) -> None:
    if 5 <= at_s < 11:
        thing(picture, 640 - 130 * (at_s - 5), 200, 140, 80, 30, VEHICLE_V)


def _unknown(picture: Picture, at_s: float) -> None:
    if 5 <= at_s < 12:
        thing(picture, 60 * (at_s - 5), 80, 60, 60, 240)


@pytest.mark.row("A2")
@pytest.mark.parametrize(("paint", "kind"), [(_walker, EventKind.PERSON), (_car, EventKind.VEHICLE)])
@pytest.mark.parametrize("fps", [2.0, 5.0, 12.5, 30.0])
def test_an_object_is_one_event_at_any_frame_rate(paint: Paint, kind: EventKind, fps: float) -> None:
    events = told(analyser(ColourDetector()), film(20, paint, fps=fps))
    (event,) = latest(events)
    assert event.kind == kind
    assert 4 <= start_s(event) <= 7.5
    assert 8 <= end_s(event) <= 14
    assert event.track is not None
    assert event.box is not None
    assert event.reason.startswith(f"a {kind} ")
    assert 0 < event.confidence <= 1


def test_an_event_is_told_when_it_opens_and_again_when_it_ends() -> None:
    looking, told_at_s = analyser(ColourDetector()), []
    events: list[Event] = []
    for frame in film(20, _walker):
        said = looking.observe(frame, trust=2)
        told_at_s += [frame.captured_mono_ns / 1e9] * len(said)
        events += said
    opened, ended = events
    assert (opened.revision, opened.end_wall_ns, opened.trust) == (0, None, 2)
    assert (ended.revision, ended.event_id) == (1, opened.event_id)
    assert told_at_s[0] < 6
    assert 14 < told_at_s[1] < 18


def test_what_no_detector_names_is_motion() -> None:
    for detector in (None, ColourDetector()):
        (event,) = latest(told(analyser(detector), film(20, _unknown)))
        assert event.kind == EventKind.MOTION
        assert 4.5 <= start_s(event) <= 6


def test_a_named_object_is_no_motion_event_beside() -> None:
    events = told(analyser(ColourDetector()), film(20, _walker))
    assert of_kind(events, EventKind.MOTION) == []


def test_a_still_scene_says_nothing_and_costs_no_inference() -> None:
    detector = ColourDetector()
    assert told(analyser(detector), film(40, lambda picture, at_s: None, sigma=3.0)) == []
    assert detector.crops == []


@pytest.mark.row("A5")
def test_a_light_step_says_nothing() -> None:
    def step(picture: Picture, at_s: float) -> None:
        if at_s >= 10:
            picture.y[:] = (picture.y * 0.6).astype("uint8")

    assert told(analyser(ColourDetector()), film(30, step)) == []


def test_the_same_frames_give_the_same_events() -> None:
    def both(picture: Picture, at_s: float) -> None:
        _walker(picture, at_s)
        _car(picture, at_s)

    first = told(analyser(ColourDetector()), film(20, both))
    assert first == told(analyser(ColourDetector()), film(20, both))
    assert len(latest(first)) == 2


def test_the_detector_keeps_to_its_budget() -> None:
    def crowd(picture: Picture, at_s: float) -> None:
        for row in range(6):
            thing(picture, (90 * at_s + 110 * row) % 640, 10 + 55 * row, 24, 50, 240, PERSON_V)

    detector = ColourDetector()
    told(analyser(detector), film(40, crowd, fps=15.0))
    rate = AnalysisSettings().crops_per_s
    assert 60 <= len(detector.crops) <= 40 * rate + rate


@pytest.mark.row("A3")
def test_what_is_near_the_place_of_a_rule_has_a_budget_of_its_own() -> None:
    def crowd(picture: Picture, at_s: float) -> None:
        for row in range(6):
            thing(picture, (90 * at_s + 110 * row) % 640, 10 + 55 * row, 24, 50, 240, PERSON_V)

    zone = '[[zone]]\nname = "yard"\npolygon = [[0.3, 0.2], [0.7, 0.2], [0.7, 0.9], [0.3, 0.9]]\n'
    rules = decode_rules(zone + '[[rule]]\nkind = "intrusion"\nzone = "yard"')
    settings = AnalysisSettings(crops_per_s=1.0)
    detectors = ColourDetector(), ColourDetector()
    for detector, book in zip(detectors, (NO_RULES, rules), strict=True):
        told(Analyser((640, 360), settings, detector, rules=book), film(20, crowd, fps=15.0))
    without, beside = (len(detector.crops) for detector in detectors)
    assert without <= 20 * settings.crops_per_s + 1
    assert without < beside <= 21 * (settings.crops_per_s + settings.rule_crops_per_s)


def test_kinds_that_are_switched_off_are_not_told() -> None:
    settings = AnalysisSettings(kinds=frozenset({EventKind.VEHICLE}))

    def both(picture: Picture, at_s: float) -> None:
        _walker(picture, at_s)
        _car(picture, at_s)

    events = told(analyser(ColourDetector(), settings=settings), film(20, both))
    assert [event.kind for event in latest(events)] == [EventKind.VEHICLE]


def test_a_picture_of_another_size_is_bad_input() -> None:
    with pytest.raises(BadInput, match="320x240"):
        analyser().observe(small_frame(scene(320, 240), 1.0))


@pytest.mark.parametrize("size", [(160, 120), (321, 181), (1280, 720)])
def test_other_sizes_of_small_pictures_work(size: tuple[int, int]) -> None:
    looking = analyser(ColourDetector(), size)
    events: list[Event] = []
    rng = np.random.default_rng(3)
    for index in range(60):
        picture = scene(*size)
        noisy(picture, rng, 1.0)
        if index >= 20:
            thing(picture, size[0] * (index - 20) / 50, size[1] / 3, size[0] // 16, size[1] // 3, 245, PERSON_V)
        events += looking.observe(small_frame(picture, index / 5, index))
    assert [event.kind for event in events][:1] == [EventKind.PERSON]


def _later(start_s: float) -> Paint:
    return lambda picture, at_s: _walker(picture, at_s - start_s)


def test_time_that_jumps_ends_what_was_open_and_goes_on() -> None:
    looking = analyser(ColourDetector())
    events: list[Event] = []
    for frame in film(8, _walker):
        events += looking.observe(frame)
    assert [event.revision for event in events] == [0]
    for start in (500.0, 100.0):
        for frame in film(20, _later(start), start_s=start):
            events += looking.observe(frame)
    assert [event.kind for event in latest(events)] == [EventKind.PERSON] * 3
    assert all(event.end_wall_ns is not None for event in latest(events))
