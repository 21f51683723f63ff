from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.analysis.smallgroups import released

numbers_of_a_day = st.lists(st.integers(0, 12), min_size=1, max_size=24)


@pytest.mark.row("A7")
@given(numbers_of_a_day, st.integers(5, 9))
def test_no_small_group_is_told_and_none_follows_from_the_total(numbers: list[int], least: int) -> None:
    told = released(numbers, least)
    hidden = [number for number, shown in zip(numbers, told.numbers, strict=True) if shown is None]
    assert all(shown in (None, number) for number, shown in zip(numbers, told.numbers, strict=True))
    assert all(shown is None or shown == 0 or shown >= least for shown in told.numbers)
    if told.total is None:
        assert hidden
    else:
        assert told.total == sum(numbers)
        assert not hidden or (len(hidden) >= 2 and sum(hidden) - len(hidden) + 1 >= least)


@pytest.mark.row("A7")
@given(st.lists(st.integers(0, 7), min_size=1, max_size=5))
def test_the_withheld_numbers_can_be_reckoned_by_nobody(numbers: list[int]) -> None:
    """Whoever knows the total, and that zeros are told, can take each of them for anything from 1 to 5."""
    told = released(numbers, 5)
    places = [index for index, shown in enumerate(told.numbers) if shown is None]
    if told.total is None or not places:
        return
    rest = told.total - sum(shown for shown in told.numbers if shown is not None)
    fits = [guess for guess in product(range(1, rest + 1), repeat=len(places)) if sum(guess) == rest]
    for column in range(len(places)):
        assert {guess[column] for guess in fits} >= {1, 2, 3, 4, 5}


def test_a_day_of_large_groups_is_told_whole() -> None:
    told = released([0, 7, 30, 5])
    assert told.numbers == (0, 7, 30, 5)
    assert told.total == 42


def test_a_lone_small_number_takes_the_smallest_large_one_with_it() -> None:
    told = released([0, 3, 30, 7])
    assert told.numbers == (0, None, 30, None)
    assert told.total == 40


def test_where_nothing_is_left_to_hide_behind_the_total_is_withheld() -> None:
    told = released([0, 3, 0])
    assert told.numbers == (0, None, 0)
    assert told.total is None
