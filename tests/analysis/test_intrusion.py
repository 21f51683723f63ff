"""A zone where nobody should be: one event from the first who comes to the last who goes."""

from __future__ import annotations

import pytest
from rulestand import Street, Way, begin_s, events, hidden, judged, masked, until_s, waiting, walking

from edgecam.analysis.finding import Finding
from edgecam.core.events import EventKind

LAWN = """
[[zone]]
name = "lawn"
polygon = [[0.4, 0.3], [0.8, 0.3], [0.8, 0.9], [0.4, 0.9]]
[[rule]]
kind = "intrusion"
zone = "lawn"
"""
THROUGH = walking((50, 250), (600, 250), 2, 13)  # 50 pixels a second: inside from 6.1 s to 11.3 s


def _intrusions(ways: dict[str, Way], seconds: float = 20, toml: str = LAWN) -> list[Finding]:
    return events(judged(toml, Street(ways), seconds))


@pytest.mark.row("A3")
def test_whoever_walks_through_is_one_event_from_entering_to_leaving() -> None:
    (event,) = _intrusions({"somebody": THROUGH})
    assert (event.kind, event.zone) == (EventKind.INTRUSION, "lawn")
    assert 6.0 <= begin_s(event) <= 6.8
    assert 10.8 <= until_s(event) <= 11.8
    assert event.reason == "a person was in zone lawn for 5 s"
    assert event.track is not None
    assert event.box is not None
    assert 0.5 < event.confidence <= 1


@pytest.mark.row("A3")
def test_the_alarm_comes_at_once() -> None:
    found = judged(LAWN, Street({"somebody": THROUGH}), 8)
    assert found[0].end_wall_ns is None
    assert found[0].reason == "a person came into zone lawn"


@pytest.mark.row("A5")
@pytest.mark.parametrize(
    "way",
    [
        walking((50, 90), (600, 90), 2, 13),  # above it: only the body's middle would be inside
        walking((50, 340), (600, 340), 2, 13, height=200),  # below it, before the zone
        waiting(150, 250, 2, 15),
    ],
)
def test_whose_feet_stay_outside_does_not_intrude(way: Way) -> None:
    assert _intrusions({"somebody": way}) == []


@pytest.mark.row("A3")
def test_it_lasts_until_the_last_has_left() -> None:
    ways = {"one": THROUGH, "two": walking((50, 250), (600, 250), 5, 16)}
    (event,) = _intrusions(ways, 24)
    assert 6.0 <= begin_s(event) <= 6.8
    assert 13.8 <= until_s(event) <= 14.8
    assert event.reason.startswith("2 people were in zone lawn for")


@pytest.mark.row("A5")
def test_who_wavers_on_the_border_is_one_event() -> None:
    def wavering(at_s: float) -> object:
        return waiting(254 + 8 * (1 if int(at_s * 2) % 2 else -1), 250, 2, 15)(at_s)

    assert len(_intrusions({"somebody": wavering})) <= 1  # type: ignore[dict-item]


@pytest.mark.row("A3")
def test_a_short_occlusion_does_not_end_it() -> None:
    (event,) = _intrusions({"somebody": hidden(THROUGH, 7.5, 10)})
    assert 10.5 <= until_s(event) <= 11.8


def test_who_comes_back_later_is_another_event() -> None:
    ways = {"one": THROUGH, "two": walking((600, 250), (50, 250), 22, 33)}
    assert len(_intrusions(ways, 40)) == 2


@pytest.mark.row("A3")
def test_with_a_dwell_only_those_intrude_who_stay() -> None:
    ways = {"passer": walking((50, 250), (600, 250), 1, 5), "stayer": waiting(380, 250, 10, 20)}
    (event,) = _intrusions(ways, 30, LAWN + "dwell_s = 4")
    assert 13.8 <= begin_s(event) <= 14.6
    assert event.reason == "a person was in zone lawn for 6 s"


def test_other_objects_are_asked_for_by_name() -> None:
    ways = {"somebody": THROUGH}
    street = Street(ways, EventKind.VEHICLE)
    assert events(judged(LAWN, street, 20)) == []
    (event,) = events(judged(LAWN + 'objects = ["vehicle"]', Street(ways, EventKind.VEHICLE), 20))
    assert event.reason.startswith("a vehicle was in zone lawn")


def test_what_is_too_small_does_not_count() -> None:
    small = walking((50, 250), (600, 250), 2, 13, height=30)
    assert _intrusions({"somebody": small}, toml=LAWN + "min_size = 0.1") == []
    assert len(_intrusions({"somebody": small})) == 1


@pytest.mark.row("A3")
def test_what_a_mask_hides_of_the_zone_is_not_in_it() -> None:
    """A neighbour whose head shows above the mask on their own garden is not on the lawn."""

    def above_the_hedge(at_s: float) -> object:
        whole = THROUGH(at_s)
        return None if whole is None else whole._replace(y1=whole.y0 + 60)

    picture = masked(0, 212, 640, 360)
    street = Street({"neighbour": above_the_hedge}, picture=picture)  # type: ignore[dict-item]
    assert events(judged(LAWN, street, 20)) == []
    street = Street({"visitor": walking((50, 200), (600, 200), 2, 13)}, picture=picture)
    assert len(events(judged(LAWN, street, 20))) == 1


@pytest.mark.row("A3")
def test_motion_without_a_name_counts_only_for_the_most_sensitive() -> None:
    from analysisstand import film, thing

    from edgecam.analysis.analyser import Analyser
    from edgecam.analysis.rulebook import decode_rules
    from edgecam.analysis.settings import AnalysisSettings
    from edgecam.core.events import Event

    def told(sensitivity: float) -> list[Event]:
        rules = decode_rules(LAWN + f"sensitivity = {sensitivity}")
        looking = Analyser((640, 360), AnalysisSettings(), None, rules=rules)
        found: list[Event] = []
        for frame in film(20, lambda p, s: thing(p, 60 * (s - 5), 150, 40, 90, 240) if 5 <= s < 15 else None):
            found += looking.observe(frame)
        return [event for event in found + looking.close() if event.kind == EventKind.INTRUSION]

    assert told(0.5) == []
    opened, ended = told(1.0)
    assert opened.reason == "something unrecognised goes through zone lawn"
    assert ended.reason.startswith("something unrecognised was in zone lawn for")
