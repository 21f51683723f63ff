"""A door in the picture: who appears in it came in, who is gone in it went out."""

from __future__ import annotations

import pytest
from rulestand import Street, Way, begin_s, events, judged, walking

DOOR = """
[[zone]]
name = "door"
polygon = [[0.45, 0.2], [0.55, 0.2], [0.55, 0.6], [0.45, 0.6]]
[[rule]]
kind = "doorway"
zone = "door"
"""
COMING = walking((320, 200), (320, 340), 2, 8)
GOING = walking((320, 340), (320, 200), 2, 8)


@pytest.mark.row("A3")
@pytest.mark.parametrize(("way", "said"), [(COMING, "came in"), (GOING, "went out")])
def test_who_comes_out_of_a_door_and_who_goes_away_through_it(way: Way, said: str) -> None:
    (event,) = events(judged(DOOR, Street({"somebody": way}), 18))
    assert event.reason == f"a person {said} through zone door"
    assert 1.8 <= begin_s(event) <= 8.2


@pytest.mark.row("A3")
def test_only_one_way_may_be_asked_for() -> None:
    ways = {"one": COMING, "other": walking((330, 340), (330, 200), 10, 16)}
    assert len(events(judged(DOOR, Street(ways), 26))) == 2
    (event,) = events(judged(DOOR + 'direction = "out"', Street(ways), 26))
    assert event.reason == "a person went out through zone door"


@pytest.mark.row("A5")
@pytest.mark.parametrize(
    "way",
    [
        walking((20, 200), (620, 200), 2, 12),  # past the door
        walking((20, 340), (300, 340), 2, 12),  # lost elsewhere
        walking((320, 205), (322, 205), 2, 12),  # stands in it, and is neither in nor out
    ],
)
def test_who_only_passes_a_door_used_it_not(way: Way) -> None:
    assert events(judged(DOOR, Street({"somebody": way}), 20)) == []
