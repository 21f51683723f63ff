from __future__ import annotations

import pytest

from edgecam.analysis.box import Box
from edgecam.analysis.riders import mounted, sole
from edgecam.analysis.sighting import Sighting
from edgecam.core.events import EventKind

BICYCLE = Sighting(EventKind.BICYCLE, 0.5, Box(100, 150, 170, 200))
RIDER = Sighting(EventKind.PERSON, 0.6, Box(115, 90, 155, 190))


@pytest.mark.row("A2")
def test_a_bicycle_and_its_rider_are_one() -> None:
    (one,) = mounted([RIDER, BICYCLE])
    assert one == Sighting(EventKind.BICYCLE, 0.5, Box(100, 90, 170, 200))


def test_who_stands_beside_or_behind_rides_nothing() -> None:
    beside = Sighting(EventKind.PERSON, 0.6, Box(190, 90, 230, 200))
    behind = Sighting(EventKind.PERSON, 0.6, Box(115, 40, 155, 140))
    for person in (beside, behind):
        assert mounted([person, BICYCLE]) == [BICYCLE, person]


def test_one_rider_rides_one_bicycle() -> None:
    second = Sighting(EventKind.BICYCLE, 0.45, Box(110, 152, 175, 202))
    ridden, free = mounted([BICYCLE, second, RIDER])
    assert ridden.box.y0 == RIDER.box.y0
    assert free == second


def test_of_two_kinds_at_one_place_the_surer_stays() -> None:
    car = Sighting(EventKind.VEHICLE, 0.6, Box(100, 100, 200, 160))
    person = Sighting(EventKind.PERSON, 0.5, Box(102, 101, 199, 160))
    assert sole([person, car]) == [car]
    apart = Sighting(EventKind.PERSON, 0.5, Box(180, 90, 210, 160))
    assert sole([apart, car]) == [car, apart]


@pytest.mark.row("A5")
def test_a_body_that_may_be_a_person_is_no_animal() -> None:
    bent = Sighting(EventKind.ANIMAL, 0.52, Box(100, 100, 160, 150))
    maybe = Sighting(EventKind.PERSON, 0.31, Box(98, 96, 160, 152))
    assert sole([bent], [maybe]) == []
    assert sole([bent]) == [bent]
    leashed = Sighting(EventKind.PERSON, 0.7, Box(160, 40, 200, 150))
    assert sole([bent, leashed]) == [leashed, bent]
