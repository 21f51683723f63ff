"""A budget: some at once, then one every so often, however often it is asked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.clock import NS_PER_S
from edgecam.telemetry.budget import Budget


def test_some_at_once_then_one_every_so_often() -> None:
    budget = Budget(3, 10.0)
    assert [budget.take(0) for _ in range(5)] == [True, True, True, False, False]
    assert not budget.take(9 * NS_PER_S)
    assert budget.take(10 * NS_PER_S)
    assert not budget.take(19 * NS_PER_S)
    assert [budget.take(10_000 * NS_PER_S) for _ in range(4)] == [True, True, True, False]


@given(st.lists(st.integers(0, 100), max_size=60))
def test_never_more_than_was_given(seconds: list[int]) -> None:
    budget = Budget(3, 10.0)
    taken = sum(budget.take(second * NS_PER_S) for second in sorted(seconds))
    assert taken <= 3 + max(seconds, default=0) / 10
