from __future__ import annotations

import cv2
import pytest
from analysisstand import footage, footage_frames, small_frame, start_s, told
from leftstand import Item, Walker, judged, street

from edgecam.analysis.analyser import Analyser
from edgecam.analysis.detector import LiteRtDetector
from edgecam.analysis.rulebook import decode_rules
from edgecam.analysis.settings import AnalysisSettings
from edgecam.core.events import EventKind

pytestmark = pytest.mark.row("A3")
TAKEN = EventKind.REMOVED_OBJECT
STATUE = Item(0, 27, 330, 300, width=36, height=40)
TAKER = Walker(((22, 0, 300), (26, 290, 300), (28, 290, 300), (33, 640, 300)))


def test_a_thing_that_is_carried_off_is_reported() -> None:
    (event,) = judged(street(STATUE, TAKER, seconds=42), TAKEN)
    assert 32.0 <= start_s(event) <= 36.5
    assert "has been gone for" in event.reason
    assert "somebody was by it" in event.reason
    assert event.box is not None
    assert event.box[0] * 640 == pytest.approx(312, abs=8)
    assert event.box[3] * 360 == pytest.approx(300, abs=8)


def test_without_a_dwell_of_its_own_the_rule_tells_it_within_ten_seconds() -> None:
    (event,) = judged(street(STATUE, TAKER, seconds=STATUE.to_s + 10), TAKEN, rest="")
    assert start_s(event) > STATUE.to_s
    assert event.end_wall_ns is not None


def test_it_is_over_when_the_thing_is_back() -> None:
    back = Item(44, 99, 330, 300, width=36, height=40)
    returner = Walker(((40, 640, 300), (43, 370, 300), (45, 370, 300), (49, 640, 300)))
    (event,) = judged(street(STATUE, back, TAKER, returner, seconds=58), TAKEN)
    assert event.end_wall_ns is not None
    assert 6 <= (event.end_wall_ns - event.start_wall_ns) / 1e9 <= 14


def test_a_thing_that_was_only_put_down_is_not_missed() -> None:
    bag = Item(9, 20, 330, 300)
    bringer = Walker(((6, 0, 300), (8, 290, 300), (10, 290, 300), (13, 640, 300)))
    taker = Walker(((16, 0, 300), (19, 290, 300), (21, 290, 300), (25, 640, 300)))
    assert judged(street(bag, bringer, taker, seconds=40), TAKEN) == []


def test_somebody_who_stood_there_from_the_beginning_is_not_missed() -> None:
    stood = Walker(((0, 300, 300), (24, 300, 300), (29, 640, 300)))
    assert judged(street(stood, seconds=45), TAKEN) == []


def test_whoever_stands_before_a_thing_has_not_taken_it() -> None:
    hides = Walker(((22, 0, 310), (26, 330, 310), (50, 330, 310), (54, 640, 310)))
    statue = Item(0, 99, 330, 300, width=20, height=40)
    assert judged(street(statue, hides, seconds=64), TAKEN) == []


def test_the_rucksack_is_taken_when_time_runs_backwards() -> None:
    cv2.setNumThreads(1)
    pictures = [frame.picture for frame in footage_frames(footage("pets2006_3.mp4"))]
    frames = (small_frame(picture, index / 5, index) for index, picture in enumerate(reversed(pictures)))
    size = (pictures[0].width, pictures[0].height)
    rules = decode_rules('[[rule]]\nkind = "removed_object"\ndwell_s = 5\n')
    events = told(Analyser(size, AnalysisSettings(), LiteRtDetector(), rules=rules), frames)
    (event,) = [one for one in events if one.kind == TAKEN and one.revision == 0]
    assert 24.0 <= start_s(event) <= 31.0
    assert event.box is not None
    assert event.box == pytest.approx((0.435, 0.335, 0.475, 0.4), abs=0.03)
