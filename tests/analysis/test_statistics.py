"""What is counted, and that nothing else is kept of anybody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import numpy as np
import pytest
from ordinarylife import BERLIN, MONDAY, SEOUL, Camera, Walk, car, loiterer, ordinary_day, person

from edgecam.analysis.habits import KINDS
from edgecam.analysis.line import Line
from edgecam.analysis.statistics import Statistics
from edgecam.analysis.tally import STAY_EDGES_S, DayTally
from edgecam.core.events import EventKind

PERSON, VEHICLE = KINDS.index(EventKind.PERSON), KINDS.index(EventKind.VEHICLE)
DOOR = Line("door", ((0.5, 1.0), (0.5, 0.0)))


def _at(hour: int, minute: int, day: date = MONDAY) -> datetime:
    return datetime.combine(day, time(hour, minute), SEOUL)


def _counted(walks: Sequence[Walk], lines: Sequence[Line] = (), trust: int = 2) -> DayTally:
    statistics = Statistics(SEOUL, lines)
    statistics.at_trust(trust)
    assert Camera(statistics).see_day(MONDAY, walks) == []
    statistics.forget(0)
    (tally,) = statistics.unsaved
    return tally


@pytest.mark.row("A7")
def test_objects_are_counted_by_kind_in_the_hour_they_appear() -> None:
    walks = [person(_at(9, minute), (0.0, 0.7), (1.0, 0.7)) for minute in (1, 7, 30)]
    tally = _counted([*walks, car(_at(9, 20), right=True, y=0.5), car(_at(17, 0), right=False, y=0.5)])
    assert tally.day == MONDAY.toordinal()
    assert tally.counts[9].tolist() == [3, 1, 0, 0]
    assert tally.counts[17].tolist() == [0, 1, 0, 0]
    assert tally.counts.sum() == 5
    assert float(tally.watched_s.sum()) > 0


@pytest.mark.row("A7")
def test_how_long_they_stayed_is_a_histogram() -> None:
    walks = [person(_at(9, 1), (0.4, 0.7), (0.6, 0.7)), loiterer(_at(10, 0), 0.5, 0.7, 400)]
    tally = _counted(walks)
    assert tally.stays[9, PERSON, 0] == 1
    assert tally.stays[10, PERSON, STAY_EDGES_S.index(300)] == 1
    assert tally.stays.sum() == 2
    assert 400 < float(tally.present_s[10, PERSON]) < 420


@pytest.mark.row("A7")
def test_who_crosses_a_line_went_in_or_out_and_who_turns_round_did_not() -> None:
    walks = [
        person(_at(9, 1), (0.1, 0.7), (0.9, 0.7)),
        person(_at(9, 5), (0.1, 0.7), (0.9, 0.7)),
        person(_at(10, 5), (0.9, 0.7), (0.1, 0.7)),
        person(_at(11, 5), (0.1, 0.7), (0.9, 0.7), (0.1, 0.7)),
    ]
    tally = _counted(walks, [DOOR])
    inwards, outwards = tally.lines["door"]
    assert inwards[9] == 2
    assert outwards[10] == 1
    assert tally.lines["door"].sum() == 3


@pytest.mark.row("A7")
def test_the_heat_map_has_seconds_where_they_stood() -> None:
    tally = _counted([loiterer(_at(9, 0), 0.52, 0.71, 300)])
    heat = tally.heat_s[9, PERSON]
    row, column = np.unravel_index(int(heat.argmax()), heat.shape)
    assert (int(row), int(column)) == (12, 16)
    assert 290 < float(heat.max()) < 310
    assert tally.visits[9, PERSON, 12].max() == 1
    assert float(heat.sum()) == pytest.approx(float(tally.present_s[9, PERSON]), rel=1e-3)


@pytest.mark.row("A7")
def test_how_many_were_there_at_once() -> None:
    walks = [loiterer(_at(9, minute), 0.2 + 0.1 * minute, 0.7, 600) for minute in range(4)]
    tally = _counted(walks)
    assert tally.most[9, PERSON] == 4
    assert tally.most[9, VEHICLE] == 0


@pytest.mark.row("A7")
@pytest.mark.row("A8")
def test_no_track_outlives_its_end() -> None:
    """The tally of one who came twice is the tally of two who came once."""
    twice = _counted([person(_at(9, minute), (0.0, 0.7), (1.0, 0.7)) for minute in (1, 30)])
    assert twice.counts[9, PERSON] == 2
    statistics = Statistics(SEOUL)
    statistics.at_trust(2)
    Camera(statistics).see_day(MONDAY, ordinary_day(MONDAY, seed=3))
    assert statistics._present == {}


@pytest.mark.row("A7")
def test_with_an_unset_clock_nothing_is_counted() -> None:
    statistics = Statistics(SEOUL)
    Camera(statistics).see_day(MONDAY, ordinary_day(MONDAY, seed=3))
    assert statistics.unsaved == []


@pytest.mark.row("A7")
def test_the_hour_that_the_clock_shows_twice_counts_twice_as_much() -> None:
    statistics = Statistics(BERLIN)
    statistics.at_trust(2)
    change = date(2026, 10, 25)
    Camera(statistics, BERLIN).see_day(change, [loiterer(datetime.combine(change, time(6), BERLIN), 0.5, 0.7, 30)])
    (tally,) = statistics.unsaved
    assert float(tally.watched_s[2]) == pytest.approx(2 * float(tally.watched_s[3]), rel=0.02)


@pytest.mark.row("A7")
def test_memory_is_bounded_when_nobody_saves() -> None:
    statistics = Statistics(SEOUL)
    statistics.at_trust(2)
    camera = Camera(statistics)
    for ahead in range(6):
        day = MONDAY + timedelta(days=ahead)
        camera.see_day(day, [person(_at(9, 1, day), (0.0, 0.7), (1.0, 0.7))])
    assert [tally.day - MONDAY.toordinal() for tally in statistics.unsaved] == [3, 4, 5]
    statistics.saved(statistics.unsaved[0].day)
    assert len(statistics.unsaved) == 2
