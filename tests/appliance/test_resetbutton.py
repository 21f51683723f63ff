"""The button: what makes a camera new, and what does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.appliance.resetbutton import NEXT, Button, ResetButton, Sign

TURN_S = 0.1
HOLD_S = 10.0


def hold(button: ResetButton, down: bool, seconds: float, now_s: float) -> tuple[float, int]:
    """Readings for so long; when it ends, and how many orders were given."""
    orders, until_s = 0, now_s + seconds
    while now_s < until_s - 1e-9:
        orders += button.observe(down, now_s)
        now_s += TURN_S
    return now_s, orders


def released() -> tuple[ResetButton, float]:
    button = ResetButton(HOLD_S)
    now_s, orders = hold(button, False, 1, 50.0)
    assert orders == 0
    assert button.state is Button.FREE
    return button, now_s


def test_held_for_ten_seconds_orders_once() -> None:
    button, now_s = released()
    now_s, orders = hold(button, True, 9.9, now_s)
    assert (orders, button.state) == (0, Button.HELD)
    signs = [button.wants_sign]
    now_s, orders = hold(button, True, 60, now_s)
    assert (orders, button.state) == (1, Button.ORDERED)
    now_s, orders = hold(button, False, 1, now_s)
    assert (orders, button.state) == (0, Button.FREE)
    assert [*signs, button.wants_sign] == [True, False]
    assert hold(button, True, 11, now_s)[1] == 1


def test_a_button_that_is_down_from_the_start_is_stuck() -> None:
    button = ResetButton(HOLD_S)
    now_s, orders = hold(button, True, 3600, 50.0)
    assert (orders, button.state) == (0, Button.STUCK)
    now_s, _ = hold(button, False, 0.3, now_s)
    assert hold(button, True, 10.5, now_s)[1] == 1


def test_let_go_for_a_moment_begins_anew() -> None:
    button, now_s = released()
    now_s, _ = hold(button, True, 9.5, now_s)
    now_s, _ = hold(button, False, TURN_S, now_s)
    now_s, orders = hold(button, True, 9.5, now_s)
    assert orders == 0


presses = st.lists(st.tuples(st.booleans(), st.integers(1, 140)), max_size=40)


@given(presses, st.booleans())
def test_only_an_unbroken_hold_after_a_release_orders(spans: list[tuple[bool, int]], begin: bool) -> None:
    """Whatever is pressed: an order needs every reading of the last ten seconds to be down, and one up before."""
    button, readings, now_s = ResetButton(HOLD_S), [begin], 0.0
    for down, turns in spans:
        for _ in range(turns):
            readings.append(down)
            now_s += TURN_S
            if button.observe(down, now_s):
                # The reading at which it went down counts from its own time.
                assert all(readings[-100:])
                assert not all(readings[1:])


def test_the_table_is_whole() -> None:
    assert {before for before, _ in NEXT} == set(Button)
    assert {sign for _, sign in NEXT} == set(Sign)
    assert {after for after in NEXT.values()} == set(Button) - {Button.STUCK}


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_bouncing_contact_is_one_press(turns: int) -> None:
    button, now_s = released()
    for index in range(6):
        now_s, orders = hold(button, index % 2 == 0, turns * TURN_S / 10, now_s)
        assert orders == 0
    now_s, orders = hold(button, True, 10.3, now_s)
    assert orders == 1
