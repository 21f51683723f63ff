"""Staying longer than anybody should: counted for each, from when the dwell is reached."""

from __future__ import annotations

import pytest
from rulestand import Street, Way, begin_s, events, hidden, judged, until_s, waiting, walking

from edgecam.analysis.finding import Finding
from edgecam.core.events import EventKind

YARD = """
[[zone]]
name = "yard"
polygon = [[0.2, 0.3], [0.8, 0.3], [0.8, 1.0], [0.2, 1.0]]
[[rule]]
kind = "loitering"
zone = "yard"
"""


def _loiterers(ways: dict[str, Way], seconds: float = 40, toml: str = YARD) -> list[Finding]:
    return events(judged(toml, Street(ways), seconds))


@pytest.mark.row("A3")
def test_who_stays_for_ten_seconds_loiters_from_then_on() -> None:
    (event,) = _loiterers({"somebody": waiting(300, 250, 4, 24)})
    assert (event.kind, event.zone) == (EventKind.LOITERING, "yard")
    assert begin_s(event) == pytest.approx(14, abs=0.3)
    assert until_s(event) == pytest.approx(24, abs=0.3)
    assert event.reason == "a person stayed in zone yard for 20 s"


@pytest.mark.row("A3")
def test_the_alarm_comes_when_the_dwell_is_reached() -> None:
    street = Street({"somebody": waiting(300, 250, 4, 24)})
    found = judged(YARD, street, 14.6)
    assert [one.reason for one in found if one.end_wall_ns is None] == ["a person has stayed in zone yard for 10 s"]


@pytest.mark.row("A5")
@pytest.mark.parametrize("way", [waiting(300, 250, 4, 13.4), walking((10, 250), (630, 250), 2, 14)])
def test_who_goes_in_time_does_not(way: Way) -> None:
    assert _loiterers({"somebody": way}) == []


@pytest.mark.row("A5")
def test_two_who_stay_for_half_of_it_each_are_no_loiterer() -> None:
    ways = {"one": waiting(200, 250, 2, 9), "other": waiting(400, 250, 9.5, 17)}
    assert _loiterers(ways) == []


@pytest.mark.row("A3")
@pytest.mark.parametrize("gap_s", [1.5, 3.0, 3.6])
def test_a_track_that_breaks_does_not_begin_the_dwell_anew(gap_s: float) -> None:
    way = waiting(300, 250, 4, 24)
    if gap_s < 2.5:
        ways = {"somebody": hidden(way, 9, 9 + gap_s)}
    else:
        ways = {
            "before": lambda at_s: way(at_s) if at_s < 9 else None,
            "after": lambda at_s: way(at_s) if at_s > 9 + gap_s else None,
        }
    (event,) = _loiterers(ways)
    assert begin_s(event) == pytest.approx(14, abs=0.4)
    assert event.reason == "a person stayed in zone yard for 20 s"


@pytest.mark.row("A3")
def test_each_loiterer_is_an_event() -> None:
    ways = {"one": waiting(200, 250, 2, 20), "other": waiting(450, 300, 5, 30)}
    assert [round(until_s(one)) for one in _loiterers(ways)] == [20, 30]


def test_another_dwell_may_be_asked_for() -> None:
    (event,) = _loiterers({"somebody": waiting(300, 250, 4, 24)}, toml=YARD + "dwell_s = 15")
    assert begin_s(event) == pytest.approx(19, abs=0.3)
