"""Wrong passphrases cost growing time, one try runs at a time, and a right one clears the account."""

from __future__ import annotations

import pytest
from page_camera import ObedientClock

from edgecam.web.guesses import LONGEST_WAIT_S, Guesses
from edgecam.web.refusals import TooSoon


@pytest.mark.row("K2")
def test_each_wrong_try_waits_twice_as_long_up_to_the_longest() -> None:
    clock = ObedientClock()
    guesses = Guesses(clock)
    waits = []
    for _ in range(12):
        guesses.begin()
        guesses.wrong()
        with pytest.raises(TooSoon) as refused:
            guesses.begin()
        waits.append(refused.value.wait_s)
        clock.sleep(refused.value.wait_s)
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, LONGEST_WAIT_S, LONGEST_WAIT_S, LONGEST_WAIT_S]


def test_right_try_clears_the_account() -> None:
    clock = ObedientClock()
    guesses = Guesses(clock)
    for _ in range(3):
        guesses.begin()
        guesses.wrong()
        clock.sleep(LONGEST_WAIT_S)
    guesses.begin()
    guesses.right()
    guesses.begin()
    guesses.wrong()
    with pytest.raises(TooSoon) as refused:
        guesses.begin()
    assert refused.value.wait_s == 1


def test_one_try_at_a_time_and_an_undecided_one_costs_nothing() -> None:
    guesses = Guesses(ObedientClock())
    guesses.begin()
    with pytest.raises(TooSoon):
        guesses.begin()
    guesses.undecided()
    guesses.begin()
