"""Rules over real footage, against what a person saw in it."""

from __future__ import annotations

import json
from functools import cache
from itertools import count

import cv2
import pytest
from analysisstand import end_s, footage, footage_frames, latest, start_s, told

from edgecam.analysis.analyser import Analyser
from edgecam.analysis.detector import LiteRtDetector
from edgecam.analysis.rulebook import decode_rules
from edgecam.analysis.settings import AnalysisSettings
from edgecam.core.events import Event, EventKind

pytestmark = pytest.mark.footage
TABLE = """
[[zone]]
name = "table"
polygon = [[0.45, 0.0], [0.75, 0.0], [0.75, 1.0], [0.45, 1.0]]
[[rule]]
kind = "intrusion"
zone = "table"
[[rule]]
kind = "loitering"
zone = "table"
"""
LANE = """
[[line]]
name = "lane"
points = [[0.0, 0.5], [1.0, 0.5]]
[[rule]]
kind = "line_crossing"
line = "lane"
objects = ["vehicle"]
[[rule]]
kind = "counting"
line = "lane"
objects = ["vehicle"]
"""
PATH = """
[[line]]
name = "path"
points = [[0.5, 0.0], [0.5, 1.0]]
[[rule]]
kind = "line_crossing"
line = "path"
[[rule]]
kind = "counting"
line = "path"
"""


@cache
def _events(name: str, rules: str) -> tuple[Event, ...]:
    cv2.setNumThreads(1)
    path = footage(name)
    first = next(footage_frames(path)).picture
    numbers, size = count(), (first.width, first.height)
    book = decode_rules(rules)
    looking = Analyser(
        size, AnalysisSettings(), LiteRtDetector(), rules=book, new_id=lambda: f"{next(numbers):032x}"
    )
    return tuple(latest(told(looking, footage_frames(path))))


def _of(kind: EventKind, name: str, rules: str) -> list[Event]:
    return [event for event in _events(name, rules) if event.kind == kind]


def _visits() -> list[tuple[float, float]]:
    truth = json.loads(footage("intel_one-by-one-person.mp4").with_suffix(".truth.json").read_text())
    return [(one["t0"], one["t1"]) for one in truth["events"]]


@pytest.mark.row("A3")
def test_each_of_six_visits_is_one_intrusion() -> None:
    events, visits = _of(EventKind.INTRUSION, "intel_one-by-one-person.mp4", TABLE), _visits()
    assert len(events) == len(visits) == 6
    for event, (begin_s, until_s) in zip(events, visits, strict=True):
        assert begin_s - 0.5 <= start_s(event) <= begin_s + 3
        assert until_s - 5 <= end_s(event) <= until_s + 0.5
        assert event.zone == "table"


@pytest.mark.row("A3")
def test_those_who_stand_at_the_table_for_ten_seconds_loiter() -> None:
    """Visits 1, 2, 3 and 5 do; 4 and 6 stand for 8.4 s and walk in and out, so that either is right."""
    events, visits = _of(EventKind.LOITERING, "intel_one-by-one-person.mp4", TABLE), _visits()
    loitered = [n for n, (t0, t1) in enumerate(visits, 1) if any(t0 + 9 < start_s(e) < t1 for e in events)]
    assert {1, 2, 3, 5} <= set(loitered)
    assert len(events) == len(loitered)
    for event in events:
        begin_s = next(t0 for t0, t1 in visits if t0 < start_s(event) < t1)
        assert start_s(event) == pytest.approx(begin_s + 10.5, abs=1.5)


@pytest.mark.row("A3")
def test_two_cars_go_up_and_two_down() -> None:
    events = _of(EventKind.LINE_CROSSING, "intel_car-detection.mp4", LANE)
    ways = [event.reason.removeprefix("a vehicle crossed line lane ") for event in events]
    up, down = "from right to left", "from left to right"
    assert sorted(ways) == [down, down, up, up]
    for way, around_s in ((up, 6.2), (down, 16.4), (up, 16.7), (down, 26.5)):
        assert any(e.reason.endswith(way) and abs(start_s(e) - around_s) < 2 for e in events), (way, around_s)
    (count,) = _of(EventKind.COUNTING, "intel_car-detection.mp4", LANE)
    assert count.reason == "4 vehicles crossed line lane: 2 from left to right, 2 from right to left"


@pytest.mark.row("A3")
def test_pedestrians_cross_the_path_both_ways_all_the_time() -> None:
    events = _of(EventKind.LINE_CROSSING, "vtest.avi", PATH)
    assert 15 <= len(events) <= 45
    assert {event.reason.rpartition(" from ")[2] for event in events} == {"left to right", "right to left"}
    for begin_s in range(0, 70, 20):
        assert any(begin_s <= start_s(event) < begin_s + 20 for event in events), begin_s


@pytest.mark.row("A3")
@pytest.mark.row("A5")
def test_the_same_footage_gives_the_same_events() -> None:
    again = _events.__wrapped__("intel_car-detection.mp4", LANE)
    assert again == _events("intel_car-detection.mp4", LANE)
