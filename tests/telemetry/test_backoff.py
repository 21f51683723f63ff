"""Waits before the next try."""

from __future__ import annotations

import random

import pytest

from edgecam.telemetry.backoff import Backoff


@pytest.mark.row("T2")
def test_waits_grow_to_the_cap_and_are_spread_over_the_whole_of_it() -> None:
    waits = [Backoff(2.0, 60.0, random.Random(seed)) for seed in range(2000)]
    for ceiling_s in (2, 4, 8, 16, 32, 60, 60):
        drawn = sorted(backoff.next_s() for backoff in waits)
        assert drawn[0] >= 0
        assert drawn[-1] < ceiling_s
        # Full jitter: every tenth of the range takes its share of a fleet.
        tenths = [sum(ceiling_s * n / 10 <= wait < ceiling_s * (n + 1) / 10 for wait in drawn) for n in range(10)]
        assert min(tenths) > 120


def test_it_begins_anew_after_a_try_that_held() -> None:
    backoff = Backoff(1.0, 60.0, random.Random(1))
    for _ in range(2000):
        assert backoff.next_s() < 60
    backoff.reset()
    assert backoff.next_s() < 1.0


@pytest.mark.row("T2")
@pytest.mark.parametrize(("asked_s", "ranges_s"), [(0, (2, 4, 8)), (16, (16, 32, 60)), (60, (60, 60, 60))])
def test_waits_are_drawn_from_at_least_what_was_asked(asked_s: float, ranges_s: tuple[float, ...]) -> None:
    waits = [Backoff(2.0, 60.0, random.Random(seed)) for seed in range(2000)]
    for backoff in waits:
        backoff.at_least(asked_s)
    for range_s in ranges_s:
        drawn = sorted(backoff.next_s() for backoff in waits)
        assert drawn[-1] < range_s
        assert drawn[0] < range_s / 10
        assert drawn[-1] > range_s * 0.9


def test_the_cap_holds_whatever_is_asked_and_a_reset_forgets_it() -> None:
    backoff = Backoff(0.5, 4.0, random.Random(1))
    backoff.at_least(1000.0)
    assert all(backoff.next_s() < 4 for _ in range(500))
    backoff.reset()
    assert backoff.next_s() < 0.5


@pytest.mark.row("T2")
def test_waits_stop_growing_where_more_patience_helps_nobody() -> None:
    waits = [Backoff(2.0, 60.0, random.Random(seed)) for seed in range(2000)]
    for range_s in (2, 4, 8, 16, 32, 32, 32):
        drawn = sorted(backoff.next_s() for backoff in waits)
        assert range_s * 0.9 < drawn[-1] < range_s
        for backoff in waits:
            backoff.at_most(32.0)
    for backoff in waits:
        backoff.at_most(0.0)
    assert max(backoff.next_s() for backoff in waits) < 2
