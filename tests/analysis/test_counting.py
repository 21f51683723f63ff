"""Counting: one event an hour or a day, with the totals when it is over."""

from __future__ import annotations

import pytest
from analysisstand import NS_PER_S, WALL_NS
from rulestand import FILL, SIZE, Street, Way, begin_s, events, judged, walking

from edgecam.analysis.finding import Finding
from edgecam.analysis.rulebook import decode_rules
from edgecam.analysis.rules import Rules
from edgecam.core.events import EventKind

GATE = """
[[line]]
name = "gate"
points = [[0.5, 1.0], [0.5, 0.0]]
[[rule]]
kind = "counting"
line = "gate"
"""
HOUR_S = 3600


def _walkers(first_s: float, count: int) -> dict[str, Way]:
    ways: dict[str, Way] = {}
    for n in range(count):
        begin_s = first_s + 5 * n
        ends = ((100.0, 250.0), (540.0, 250.0))
        ways[f"{first_s} {n}"] = walking(*(ends if n % 3 else ends[::-1]), begin_s, begin_s + 8)
    return ways


@pytest.mark.row("A3")
def test_the_totals_stand_in_one_event() -> None:
    (event,) = events(judged(GATE, Street(_walkers(2, 5)), 40))
    assert (event.kind, event.zone) == (EventKind.COUNTING, "gate")
    assert begin_s(event) == pytest.approx(6.4, abs=1)
    assert event.reason == "5 people crossed line gate: 3 from left to right, 2 from right to left"


def test_nobody_is_no_event() -> None:
    assert events(judged(GATE, Street({}), 10)) == []


@pytest.mark.row("A3")
@pytest.mark.parametrize(("reset", "counts"), [("hourly", [4, 3]), ("daily", [7]), ("never", [7])])
def test_it_begins_anew_when_the_clock_on_the_wall_says_so(reset: str, counts: list[int]) -> None:
    # The stand's clock shows 08:00 UTC at second 0.
    street = Street(_walkers(HOUR_S - 40, 4) | _walkers(HOUR_S + 2, 3))
    rules = Rules(decode_rules(GATE + f'reset = "{reset}"'), SIZE, FILL)
    found: list[Finding] = []
    for look in street.looks(80, HOUR_S - 45):
        found += rules.observe(look)
    found += rules.forget(WALL_NS + (HOUR_S + 35) * NS_PER_S)
    assert [int(event.reason.split()[0]) for event in events(found)] == counts
