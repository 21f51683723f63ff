from __future__ import annotations

from collections.abc import Iterator

import pytest
from leftstand import Item, street

from edgecam.analysis.look import Look
from edgecam.analysis.motion import MotionModel
from edgecam.analysis.stillobjects import Place, Showing, StillObjects
from edgecam.core.smallframes import SmallFrame

pytestmark = pytest.mark.row("A3")


def _looks(frames: Iterator[SmallFrame]) -> Iterator[Look]:
    motion: MotionModel | None = None
    for index, frame in enumerate(frames):
        motion = motion or MotionModel(frame.picture.width, frame.picture.height)
        elapsed_s = 0.2 if index else 0.0
        regions = motion.observe(frame.picture.y, elapsed_s)
        yield Look(index / 5, frame.wall_ns, elapsed_s, frame.picture, motion, regions, [])


def _places(*items: Item, seconds: float) -> list[tuple[float, list[Place]]]:
    objects, shown = StillObjects(), []
    for look in _looks(street(*items, seconds=seconds)):
        objects.observe(look)
        shown.append((look.now_s, list(objects.places)))
    return shown


def test_a_thing_that_appears_is_one_place_that_came() -> None:
    shown = _places(Item(10, 99, 330, 300), seconds=20)
    assert all(not places for at_s, places in shown if at_s < 12)
    (place,) = shown[-1][1]
    assert place.came
    assert not place.went
    assert place.born_s == pytest.approx(10.5, abs=1.0)
    assert place.known_s > 5
    assert place.steady > 0.95
    assert place.box.holds(330, 285)
    assert place.box.width == pytest.approx(30, abs=8)
    assert place.area == pytest.approx(900 / (640 * 360), rel=0.5)


def test_a_thing_that_disappears_is_one_place_that_went() -> None:
    (place,) = _places(Item(0, 20, 330, 300, width=36, height=40), seconds=30)[-1][1]
    assert place.went
    assert not place.came


def test_a_place_is_over_when_the_scene_is_as_before() -> None:
    shown = _places(Item(10, 20, 330, 300), seconds=26)
    assert any(places for at_s, places in shown if 13 < at_s < 20)
    assert shown[-1][1] == []


def test_while_something_hides_it_a_place_is_covered_and_waits() -> None:
    veil = Item(18, 19.4, 320, 310, width=90, height=70, luma=230)
    objects, shown = StillObjects(), {}
    for look in _looks(street(Item(10, 99, 330, 300), veil, seconds=26)):
        objects.observe(look)
        shown[round(look.now_s, 1)] = [(place.number, place.showing) for place in objects.places]
    assert shown[17.0] == [(1, Showing.THERE)]
    assert shown[18.4] == [(1, Showing.COVERED)]
    assert shown[25.0] == [(1, Showing.THERE)]


def test_what_is_larger_than_any_thing_is_no_place() -> None:
    assert _places(Item(10, 99, 330, 340, width=240, height=200), seconds=25)[-1][1] == []


def test_at_most_sixteen_places_are_kept() -> None:
    items = [Item(8 + 0.8 * n, 99, 60 + 90 * (n % 6), 80 + 80 * (n // 6), width=24, height=24) for n in range(22)]
    assert max(len(places) for _, places in _places(*items, seconds=34)) <= 16


def test_forgetting_drops_every_place() -> None:
    objects = StillObjects()
    for look in _looks(street(Item(10, 99, 330, 300), seconds=20)):
        objects.observe(look)
    assert objects.places
    objects.forget()
    assert objects.places == []


def test_the_same_look_twice_counts_once() -> None:
    once, twice = StillObjects(), StillObjects()
    for look in _looks(street(Item(10, 99, 330, 300), seconds=16)):
        once.observe(look)
        twice.observe(look)
        twice.observe(look)
    assert [place.born_s for place in once.places] == [place.born_s for place in twice.places]
    assert once.places
