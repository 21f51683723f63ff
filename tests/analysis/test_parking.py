"""A vehicle that stands for too long: told once, until it drives away, whatever passes before it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from analysisstand import (
    PERSON_V,
    VEHICLE_V,
    ColourDetector,
    end_s,
    film,
    of_kind,
    start_s,
    thing,
    told,
)

from edgecam.analysis.analyser import Analyser
from edgecam.analysis.rulebook import decode_rules
from edgecam.analysis.settings import AnalysisSettings
from edgecam.core.events import Event, EventKind
from edgecam.core.picture import Picture

KERB = """
[[zone]]
name = "kerb"
polygon = [[0.3, 0.3], [0.9, 0.3], [0.9, 1.0], [0.3, 1.0]]
[[rule]]
kind = "parked_vehicle"
zone = "kerb"
dwell_s = 30
"""


def _car(picture: Picture, x: float) -> None:
    thing(picture, x, 200, 140, 80, 40, VEHICLE_V)


def _parks(from_s: float, to_s: float, x: float = 250) -> Callable[[Picture, float], None]:
    """Comes from the left in three seconds, stands, and drives on to the right."""

    def paint(picture: Picture, at_s: float) -> None:
        if from_s - 3 <= at_s < from_s:
            _car(picture, x - 120 * (from_s - at_s))
        elif from_s <= at_s < to_s:
            _car(picture, x)
        elif to_s <= at_s < to_s + 4:
            _car(picture, x + 120 * (at_s - to_s))

    return paint


def _parked(paint: Callable[[Picture, float], None], seconds: float, rules: str = KERB) -> list[Event]:
    looking = Analyser((640, 360), AnalysisSettings(), ColourDetector(), rules=decode_rules(rules))
    return of_kind(told(looking, film(seconds, paint)), EventKind.PARKED_VEHICLE)


@pytest.mark.row("A3")
def test_a_car_that_stands_for_the_dwell_is_told_until_it_drives_away() -> None:
    (event,) = _parked(_parks(8, 70), 90)
    assert event.zone == "kerb"
    assert 37.5 <= start_s(event) <= 39.5
    assert 68 <= end_s(event) <= 72
    assert event.reason.startswith("a vehicle stood in zone kerb for 6")


@pytest.mark.row("A3")
def test_who_passes_before_it_does_not_end_it() -> None:
    parks = _parks(8, 90)

    def passed(picture: Picture, at_s: float) -> None:
        parks(picture, at_s)
        if 50 <= at_s < 60:
            thing(picture, 64 * (at_s - 50), 160, 50, 140, 235, PERSON_V)

    (event,) = _parked(passed, 100)
    assert 88 <= end_s(event) <= 92


@pytest.mark.row("A5")
@pytest.mark.parametrize(
    "paint",
    [
        _parks(8, 32),
        _parks(8, 70, x=20),  # beside the zone
        lambda picture, at_s: _car(picture, 250),  # part of the place
    ],
)
def test_who_drives_on_in_time_or_stands_elsewhere_is_not_told(paint: Callable[[Picture, float], None]) -> None:
    assert _parked(paint, 80) == []
