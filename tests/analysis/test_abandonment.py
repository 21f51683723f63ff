from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from analysisstand import VEHICLE_V, end_s, footage, footage_frames, start_s, told
from leftstand import Item, Walker, judged, street

from edgecam.analysis.analyser import Analyser
from edgecam.analysis.detector import LiteRtDetector
from edgecam.analysis.rulebook import decode_rules
from edgecam.analysis.settings import AnalysisSettings
from edgecam.core.events import EventKind
from edgecam.core.picture import Picture

pytestmark = pytest.mark.row("A3")
Light = Callable[[Picture, float], None]
LEFT = EventKind.ABANDONED_OBJECT
# Comes from the left, stands for three seconds, goes on to the right.
BRINGER = Walker(((6, 0, 300), (10, 300, 300), (13, 300, 300), (18, 640, 300)))
BAG = Item(11, 99, 330, 300)


def test_a_thing_left_behind_is_reported_once_its_bringer_is_gone() -> None:
    (event,) = judged(street(BAG, BRINGER, seconds=32), LEFT)
    assert 18.5 <= start_s(event) <= 21.0
    assert event.track is not None
    assert event.box is not None
    x0, y0, x1, y1 = event.box
    assert x0 * 640 == pytest.approx(315, abs=8)
    assert x1 * 640 == pytest.approx(345, abs=8)
    assert y0 * 360 == pytest.approx(270, abs=8)
    assert y1 * 360 == pytest.approx(300, abs=8)
    assert "left" in event.reason
    assert "whoever brought it went 5 s ago" in event.reason


def test_it_is_over_when_the_thing_is_taken() -> None:
    taker = Walker(((28, 640, 300), (32, 350, 300), (34, 350, 300), (39, 640, 300)))
    bag = Item(11, 33, 330, 300)
    (event,) = judged(street(bag, BRINGER, taker, seconds=44), LEFT)
    assert 33.0 <= end_s(event) <= 39.0


def test_as_long_as_they_stay_with_it_nothing_is_said() -> None:
    stays = Walker(((6, 0, 300), (10, 300, 300), (60, 300, 300)))
    assert judged(street(BAG, stays, seconds=60), LEFT) == []


def test_whoever_comes_back_within_the_time_is_waited_for_anew() -> None:
    returns = Walker(((6, 0, 300), (10, 300, 300), (13, 300, 300), (16, 500, 300), (19, 300, 300), (40, 300, 300)))
    assert judged(street(BAG, returns, seconds=40), LEFT, "dwell_s = 8") == []


def test_somebody_who_stands_for_long_and_goes_is_no_thing() -> None:
    stands = Walker(((6, 0, 300), (10, 300, 300), (50, 300, 300), (55, 640, 300)))
    assert judged(street(stands, seconds=65), LEFT) == []


def test_people_who_pass_by_do_not_look_after_it() -> None:
    passing = [Walker(((at, 0, 330), (at + 6, 640, 330))) for at in (17.0, 20.0, 23.0)]
    (event,) = judged(street(BAG, BRINGER, *passing, seconds=36), LEFT)
    assert 18.5 <= start_s(event) <= 29.0


def test_a_car_that_parks_is_no_thing_left() -> None:
    car = Walker(((6, 0, 300), (10, 300, 300), (60, 300, 300)), width=120, height=60, luma=30, chroma=VEHICLE_V)
    driver = Walker(((14, 380, 310), (20, 640, 310)))
    assert judged(street(car, driver, seconds=50), LEFT) == []


def test_what_nobody_came_near_to_is_no_thing_left() -> None:
    assert judged(street(BAG, seconds=40), LEFT) == []


UNNAMED = 128
"""A chroma that means nothing to the detector."""


def test_a_thing_of_somebody_nobody_made_out_is_told_when_they_were_seen_to_come_or_go() -> None:
    stranger = replace(BRINGER, chroma=UNNAMED)
    (event,) = judged(street(BAG, stranger, seconds=36), LEFT)
    assert event.track is None
    lingers = Walker(((6, 0, 300), (10, 300, 300), (50, 300, 300), (55, 640, 300)), chroma=UNNAMED)
    assert len(judged(street(Item(30, 99, 330, 300), lingers, seconds=75), LEFT)) == 1


def test_what_stirs_in_its_place_brings_nothing() -> None:
    """Something flaps, and a spot beside it changes for good, as under a drop on the lens."""
    beats = tuple((15 + 0.4 * n, 280 + 14 * (n % 2), 300) for n in range(12))
    flapping = Walker(beats, width=60, height=70, chroma=UNNAMED)
    assert judged(street(Item(18, 99, 340, 300), flapping, seconds=48), LEFT) == []


def test_outside_the_zone_nothing_is_said() -> None:
    zone = '[[zone]]\nname = "sky"\npolygon = [[0, 0], [1, 0], [1, 0.3], [0, 0.3]]\n'
    frames = list(street(BAG, BRINGER, seconds=32))
    assert judged(iter(frames), LEFT, f'zone = "sky"\ndwell_s = 5\n{zone}') == []
    whole = '[[zone]]\nname = "ground"\npolygon = [[0, 0.5], [1, 0.5], [1, 1], [0, 1]]\n'
    (event,) = judged(iter(frames), LEFT, f'zone = "ground"\ndwell_s = 5\n{whole}')
    assert event.zone == "ground"
    assert "left in ground" in event.reason


def test_what_is_smaller_than_asked_for_is_not_reported() -> None:
    assert judged(street(BAG, BRINGER, seconds=32), LEFT, "dwell_s = 5\nmin_size = 0.2") == []


def _cloud(picture: Picture, at_s: float) -> None:
    """A soft shadow that comes over a third of the street while somebody walks there, and stays."""
    deep = 0.3 * min(max(at_s - 8, 0) / 4, 1)
    profile = np.clip((np.arange(640) - 180) / 40, 0, 1) * np.clip((420 - np.arange(640)) / 40, 0, 1)
    picture.y[:] = (picture.y * (1 - deep * profile[None, :])).astype(np.uint8)


def _lamp(picture: Picture, at_s: float) -> None:
    """A lamp goes on and lights a soft round spot."""
    if at_s >= 11:
        y, x = np.mgrid[0:360, 0:640]
        spot = 60 * np.exp(-((x - 330) ** 2 + (y - 280) ** 2) / (2 * 45**2))
        picture.y[:] = np.clip(picture.y + spot, 0, 255).astype(np.uint8)


def _infrared(picture: Picture, at_s: float) -> None:
    """The picture turns grey and its tones change, as when the infrared light goes on."""
    if at_s >= 11:
        picture.y[:] = (255 * (picture.y / 255.0) ** 0.6).astype(np.uint8)


@pytest.mark.parametrize("light", [_cloud, _lamp, _infrared])
def test_light_that_changes_while_somebody_walks_there_leaves_nothing(light: Light) -> None:
    assert judged(street(BRINGER, seconds=40, also=light), LEFT) == []


def test_the_same_frames_give_the_same_events() -> None:
    frames = list(street(BAG, BRINGER, seconds=32))
    first, second = (judged(iter(frames), LEFT) for _ in range(2))
    assert [(e.start_wall_ns, e.reason, e.box) for e in first] == [
        (e.start_wall_ns, e.reason, e.box) for e in second
    ]
    assert first


def test_the_rucksack_at_the_railing_is_found_on_real_footage() -> None:
    cv2.setNumThreads(1)
    path = footage("pets2006_3.mp4")
    truth = json.loads(path.with_suffix(".truth.json").read_text())
    (put,) = [one for one in truth["events"] if one["type"] == "object_left"]
    (left,) = [one for one in truth["events"] if one["type"] == "owner_left_view"]
    frames = list(footage_frames(path))
    size = (frames[0].picture.width, frames[0].picture.height)
    rules = decode_rules('[[rule]]\nkind = "abandoned_object"\ndwell_s = 10\n')
    events = told(Analyser(size, AnalysisSettings(), LiteRtDetector(), rules=rules), iter(frames))
    (event,) = [one for one in events if one.kind == LEFT and one.revision == 0]
    assert abs(start_s(event) - 10 - left["t0"]) <= 1.0
    assert event.box is not None
    assert event.box == pytest.approx(tuple(put["box"]), abs=0.03)


@pytest.mark.row("A5")
@pytest.mark.long
@pytest.mark.parametrize("name", ["vtest.avi", "intel_one-by-one-person.mp4", "simpletracking_night.mp4"])
def test_where_people_only_walk_and_stand_nothing_is_left_dumped_or_taken(name: str) -> None:
    cv2.setNumThreads(1)
    kinds = (LEFT, EventKind.DUMPING, EventKind.REMOVED_OBJECT)
    rules = decode_rules("".join(f'[[rule]]\nkind = "{kind}"\ndwell_s = 5\n' for kind in kinds))
    frames = list(footage_frames(footage(name)))
    size = (frames[0].picture.width, frames[0].picture.height)
    events = told(Analyser(size, AnalysisSettings(), LiteRtDetector(), rules=rules), iter(frames))
    assert [one.reason for one in events if one.kind in kinds] == []
