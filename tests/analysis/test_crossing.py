"""Lines: each crossing is one event with its direction, and a door drawn as a line has an in and an out."""

from __future__ import annotations

from itertools import pairwise

import pytest
from rulestand import Street, Way, begin_s, events, hidden, judged, standing, until_s, walking

from edgecam.analysis.box import Box
from edgecam.analysis.finding import Finding
from edgecam.core.events import EventKind

GATE = """
[[line]]
name = "gate"
points = [[0.5, 0.2], [0.5, 1.0]]
[[rule]]
kind = "line_crossing"
line = "gate"
"""
# The gate is drawn downwards, so that its left is the right half of the picture.
RIGHTWARDS = walking((100, 250), (540, 250), 2, 12)
LEFTWARDS = walking((540, 250), (100, 250), 2, 12)


def _crossings(ways: dict[str, Way], toml: str = GATE, seconds: float = 18) -> list[Finding]:
    return events(judged(toml, Street(ways), seconds))


@pytest.mark.row("A3")
@pytest.mark.parametrize(("way", "said"), [(RIGHTWARDS, "from right to left"), (LEFTWARDS, "from left to right")])
def test_a_crossing_begins_and_ends_at_once_and_has_a_direction(way: Way, said: str) -> None:
    (event,) = _crossings({"somebody": way})
    assert (event.kind, event.zone) == (EventKind.LINE_CROSSING, "gate")
    assert event.reason == f"a person crossed line gate {said}"
    assert 6.8 <= begin_s(event) == until_s(event) <= 7.6


@pytest.mark.row("A3")
@pytest.mark.parametrize(
    ("direction", "ways"),
    [("any", 2), ("left_to_right", 1), ("right_to_left", 1)],
)
def test_only_the_direction_that_is_asked_for_is_told(direction: str, ways: int) -> None:
    toml = GATE + f'direction = "{direction}"'
    found = _crossings({"one": RIGHTWARDS, "other": LEFTWARDS}, toml)
    assert len(found) == ways
    said = direction.replace("_", " ")
    assert all(direction == "any" or said in event.reason for event in found)


@pytest.mark.row("A5")
def test_who_dances_on_the_line_crosses_it_once_at_most() -> None:
    def dancing(at_s: float) -> Box | None:
        whole = RIGHTWARDS(min(at_s, 7.0))
        return None if whole is None or at_s > 15 else whole.moved_by(3 * (1 if int(at_s * 5) % 2 else -1), 0)

    assert len(_crossings({"somebody": dancing})) <= 1


@pytest.mark.row("A5")
def test_past_the_end_of_a_line_is_no_crossing() -> None:
    assert _crossings({"somebody": walking((100, 60), (540, 60), 2, 12, height=50)}) == []


@pytest.mark.row("A3")
def test_there_and_back_is_two() -> None:
    def there_and_back(at_s: float) -> Box | None:
        return RIGHTWARDS(at_s) if at_s <= 9 else RIGHTWARDS(18 - at_s)

    first, second = _crossings({"somebody": there_and_back}, seconds=22)
    assert first.reason.endswith("from right to left")
    assert second.reason.endswith("from left to right")


@pytest.mark.row("A3")
def test_who_is_hidden_on_the_line_has_crossed_it_all_the_same() -> None:
    (event,) = _crossings({"somebody": hidden(RIGHTWARDS, 6, 8.5)})
    assert 7 <= begin_s(event) <= 10


@pytest.mark.row("A3")
def test_a_new_track_behind_a_pole_goes_on_with_the_old_one() -> None:
    """The tracker gave up; two numbers, one way."""
    ways = {
        "before": lambda at_s: RIGHTWARDS(at_s) if at_s < 5.5 else None,
        "after": lambda at_s: RIGHTWARDS(at_s) if at_s > 8.4 else None,
    }
    (event,) = _crossings(ways)
    assert event.reason == "a person crossed line gate from right to left"


@pytest.mark.row("A5")
def test_two_people_on_either_side_are_not_one_who_crossed() -> None:
    ways: dict[str, Way] = {
        "left": lambda at_s: standing(150, 250) if 2 < at_s < 6 else None,
        "right": lambda at_s: standing(500, 250) if 8.8 < at_s < 14 else None,
    }
    assert _crossings(ways) == []


@pytest.mark.row("A3")
def test_a_line_with_corners_is_crossed_once() -> None:
    toml = GATE.replace(
        "[[0.5, 0.2], [0.5, 1.0]]", "[[0.4, 0.2], [0.6, 0.6], [0.4, 0.68], [0.6, 0.72], [0.4, 1.0]]"
    )
    for height in range(240, 262, 2):
        way = walking((100, height), (540, height), 2, 12)
        signs = [1 if "right to left" in one.reason else -1 for one in _crossings({"somebody": way}, toml)]
        assert sum(signs) == 1
        assert all(a != b for a, b in pairwise(signs))


@pytest.mark.row("A3")
def test_a_door_drawn_as_a_line_has_an_in_and_an_out() -> None:
    toml = GATE.replace("line_crossing", "doorway")
    ways = {"one": RIGHTWARDS, "other": walking((540, 250), (100, 250), 4, 14)}
    assert [one.reason for one in _crossings(ways, toml)] == [
        "a person went out through line gate",
        "a person went in through line gate",
    ]
    assert [one.reason for one in _crossings(ways, toml + 'direction = "in"')] == [
        "a person went in through line gate"
    ]
