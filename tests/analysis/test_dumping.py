from __future__ import annotations

import pytest
from analysisstand import start_s
from leftstand import Item, Walker, judged, street

from edgecam.core.events import EventKind

pytestmark = pytest.mark.row("A3")
DUMPED = EventKind.DUMPING
BAG = Item(11, 99, 330, 300)
BRINGER = Walker(((6, 0, 300), (10, 300, 300), (13, 300, 300), (18, 640, 300)))
ZONE = '[[zone]]\nname = "yard"\npolygon = [[0.3, 0.3], [0.7, 0.3], [0.7, 1], [0.3, 1]]\n'


def test_whoever_comes_with_a_thing_and_leaves_without_it_is_reported() -> None:
    (event,) = judged(street(BAG, BRINGER, seconds=32), DUMPED)
    assert 18.5 <= start_s(event) <= 21.0
    assert "a person came, stayed for" in event.reason
    assert "left without what they brought" in event.reason


def test_in_a_zone_it_is_enough_to_leave_the_zone() -> None:
    stays_in_view = Walker(((6, 0, 300), (10, 300, 300), (13, 300, 300), (16, 560, 300), (40, 560, 300)))
    frames = list(street(BAG, stays_in_view, seconds=40))
    (event,) = judged(iter(frames), DUMPED, f'zone = "yard"\ndwell_s = 5\n{ZONE}')
    assert event.zone == "yard"
    assert judged(iter(frames), DUMPED) == []


def test_whoever_was_there_all_along_has_not_come_to_dump() -> None:
    resident = Walker(((4, 300, 300), (13, 300, 300), (18, 640, 300)))
    assert judged(street(BAG, resident, seconds=32), DUMPED) == []


def test_whoever_takes_it_along_again_has_not_dumped_it() -> None:
    bag = Item(11, 13, 330, 300)
    assert judged(street(bag, BRINGER, seconds=32), DUMPED) == []


def test_a_rule_for_vehicles_says_nothing_of_people() -> None:
    assert judged(street(BAG, BRINGER, seconds=32), DUMPED, 'dwell_s = 5\nobjects = ["vehicle"]') == []
