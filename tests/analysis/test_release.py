from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_tally import DAY, filled

from edgecam.analysis.heatmap import heat_png, heat_text
from edgecam.analysis.release import DayRelease, first_open_day
from edgecam.analysis.tally import DayTally
from edgecam.core.errors import BadInput
from edgecam.core.events import EventKind


def _numbers(told: object) -> list[int]:
    """Every number of people in what is told, wherever it stands."""
    if isinstance(told, dict):
        skipped = {"from_s", "least_group", "watched_s", "mean_at_once", "day"}
        return [number for key, value in told.items() if key not in skipped for number in _numbers(value)]
    if isinstance(told, list):
        return [number for value in told for number in _numbers(value)]
    return [told] if isinstance(told, int) else []


@pytest.mark.row("A7")
def test_nothing_below_the_least_group_is_told() -> None:
    told = DayRelease(filled(3), DAY + 1).to_dict()
    numbers = _numbers(json.loads(json.dumps(told)))
    assert len(numbers) > 50
    assert all(number == 0 or number >= 5 for number in numbers)


@pytest.mark.row("A7")
def test_an_hour_whose_count_is_withheld_has_no_busyness_either() -> None:
    tally = DayTally.begin(DAY)
    tally.counts[9, 0], tally.counts[10, 0], tally.counts[11, 0] = 2, 40, 9
    tally.watched_s[:] = 3600
    tally.present_s[9:12, 0] = 100, 7200, 360
    tally.most[9:12, 0] = 1, 12, 2
    told = DayRelease(tally, DAY + 1)
    assert told.counts(EventKind.PERSON).numbers[9:12] == (None, 40, None)
    busy = told.busyness(EventKind.PERSON)
    assert [busy[hour].mean for hour in (8, 9, 10, 11)] == [0.0, None, 2.0, None]
    assert [busy[hour].most for hour in (8, 9, 10, 11)] == [0, None, 12, None]


@pytest.mark.row("A7")
def test_how_long_they_stayed_does_not_give_away_how_many_came() -> None:
    """Five hours with one person each: that they were five in all would tell each hour."""
    tally = DayTally.begin(DAY)
    tally.counts[9:14, 0], tally.stays[9:14, 0, 2] = 1, 1
    told = DayRelease(tally, DAY + 1)
    assert told.counts(EventKind.PERSON).total is None
    assert told.stays(EventKind.PERSON).total is None
    assert set(told.stays(EventKind.PERSON).numbers) == {0, None}


@pytest.mark.row("A7")
@given(st.lists(st.integers(0, 40), min_size=24, max_size=24), st.integers(6, 30))
def test_a_larger_least_group_tells_nothing_more(counts: list[int], least: int) -> None:
    tally = DayTally.begin(DAY)
    tally.counts[:, 0] = counts
    usual, larger = (DayRelease(tally, DAY + 1, one).counts(EventKind.PERSON) for one in (5, least))
    both = zip(usual.numbers, larger.numbers, strict=True)
    assert all(more is None or more == number for number, more in both)
    assert larger.total in (None, usual.total)


@pytest.mark.row("A7")
def test_a_day_that_is_not_over_is_not_told() -> None:
    for today in (DAY, DAY - 1):
        with pytest.raises(BadInput, match="when the day is over"):
            DayRelease(filled(3), today)


@pytest.mark.row("A7")
def test_a_day_is_over_an_hour_after_midnight() -> None:
    midnight = datetime.fromordinal(DAY + 1).replace(tzinfo=UTC)
    days = [first_open_day(round((midnight.timestamp() + after_s) * 1e9), UTC) for after_s in (3599, 3601)]
    assert days == [DAY, DAY + 1]
    assert first_open_day(2**63, UTC) is not None
    assert first_open_day(2**80, UTC) is None


@pytest.mark.row("A7")
def test_the_least_group_can_grow_and_not_shrink() -> None:
    with pytest.raises(BadInput, match="groups of 4 are too small"):
        DayRelease(filled(3), DAY + 1, least=4)
    told = DayRelease(filled(3), DAY + 1, least=20).to_dict()
    assert all(number == 0 or number >= 20 for number in _numbers(told))


@pytest.mark.row("A7")
def test_the_path_of_a_few_is_not_on_the_heat_map() -> None:
    tally = DayTally.begin(DAY)
    tally.visits[9, 0, 4, 4], tally.heat_s[9, 0, 4, 4] = 2, 60
    tally.visits[9, 0, 8, 8], tally.heat_s[9, 0, 8, 8] = 6, 90
    tally.visits[10, 0, 9, 9], tally.heat_s[10, 0, 9, 9] = 3, 10
    tally.visits[11, 0, 9, 9], tally.heat_s[11, 0, 9, 9] = 4, 20
    told = DayRelease(tally, DAY + 1)
    day, nine, ten = (told.heat_s(EventKind.PERSON, hour) for hour in (None, 9, 10))
    assert day[4, 4] == nine[4, 4] == day[0, 0] == 0
    assert day[8, 8] == nine[8, 8] == 90
    # Seven people in all may be told of, though neither hour may.
    assert day[9, 9] == 30
    assert ten[9, 9] == 0
    assert heat_text(day).splitlines()[4][4] == " "
    assert heat_text(day).splitlines()[8][8] == "@"
    assert len(heat_text(day).splitlines()) == 18


@pytest.mark.row("A7")
def test_the_heat_map_is_a_png_of_colours() -> None:
    blank = heat_png(np.zeros((18, 32), np.float32))
    assert blank.startswith(b"\x89PNG")
    assert heat_png(DayRelease(filled(3), DAY + 1).heat_s(EventKind.PERSON)) != blank
