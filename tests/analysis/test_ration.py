"""A day's ration is kept however busy it is, and no hour is left without its part."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.analysis.ration import Ration

HOUR_S = 3600.0


def used_by_hour(ration: Ration, wishes: list[float], amount: float) -> list[float]:
    """What is given out in each hour to whoever asks ``wishes[hour]`` times in it, evenly."""
    used = []
    for hour, asked in enumerate(wishes):
        given = 0.0
        for one in range(round(asked)):
            now_s = hour * HOUR_S + one * HOUR_S / max(asked, 1)
            if ration.may(now_s, amount):
                ration.use(amount)
                given += amount
        used.append(given)
    return used


@pytest.mark.row("A6")
def test_a_busy_street_is_thinned_evenly_and_not_cut_off() -> None:
    used = used_by_hour(Ration(240), [600] * 24, 2)
    assert sum(used) <= 240 + 240 / 24
    assert min(used[1:]) >= 8
    assert max(used[3:]) - min(used[3:]) <= 2


@pytest.mark.row("A6")
def test_a_quiet_hour_after_a_busy_one_has_its_part() -> None:
    used = used_by_hour(Ration(240), [2000, 2000, 3], 2)
    assert used[2] >= 4


def test_what_quiet_hours_leave_is_saved_for_an_eighth_of_a_day() -> None:
    ration = Ration(240)
    ration.may(0, 1)
    assert [ration.may(20 * HOUR_S, amount) for amount in (25, 31)] == [True, False]
    assert ration.may(20 * HOUR_S, 30, first=True)


def test_what_comes_first_has_what_is_kept_back() -> None:
    ration = Ration(240)
    while ration.may(0, 1):
        ration.use(1)
    assert [ration.may(0, amount, first=True) for amount in (5, 6)] == [True, False]


def test_one_large_thing_fits_even_where_a_day_has_little() -> None:
    assert Ration(10, least_saved=8).may(0, 3.5)


@given(
    st.floats(1, 1e6),
    st.lists(st.tuples(st.floats(0, 20_000), st.floats(0, 10), st.booleans()), max_size=200),
)
def test_no_day_takes_more_than_a_day_and_what_was_saved(
    a_day: float, story: list[tuple[float, float, bool]]
) -> None:
    ration = Ration(a_day)
    now_s, taken = 0.0, 0.0
    for wait_s, share, first in story:
        now_s += wait_s
        amount = share * a_day / 100
        if ration.may(now_s, amount, first=first):
            ration.use(amount)
            taken += amount
    assert taken <= a_day * (now_s / 86_400 + 1 / 8) * (1 + 1e-9)
