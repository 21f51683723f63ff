"""Judging alarms against the truth: the window, the matching, the intervals."""

from __future__ import annotations

import sys
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from parts.scoring import (
    AFTER_S,
    BEFORE_S,
    Alarm,
    Counts,
    TrueEvent,
    judged,
    matched,
    percentile,
    poisson_cdf,
    poisson_interval,
    wilson,
)

pytestmark = pytest.mark.row("A5")
seconds = st.floats(0, 3600, allow_nan=False).map(lambda value: round(value, 2))
truths = st.lists(st.tuples(seconds, st.floats(0, 30)), max_size=12).map(
    lambda told: [TrueEvent("intrusion", start, start + lasts) for start, lasts in told]
)


def alarm(start_s: float, raised_s: float | None = None) -> Alarm:
    return Alarm("intrusion", start_s, start_s if raised_s is None else raised_s)


@given(truths)
def test_who_tells_the_truth_finds_all(happened: list[TrueEvent]) -> None:
    counts = judged(happened, [alarm(one.start_s) for one in happened])
    assert (counts.found, counts.false, counts.missed, counts.repeats) == (len(happened), 0, 0, 0)
    assert counts.f1 == (1.0 if happened else None)
    assert counts.f_alpha(60) == (1.0 if happened else None)


@given(seconds, st.one_of(st.floats(AFTER_S + 0.02, 500), st.floats(-500, -BEFORE_S - 0.02)))
def test_outside_the_window_an_alarm_is_false_and_the_event_missed(start_s: float, shift_s: float) -> None:
    counts = judged([TrueEvent("intrusion", start_s, start_s + 60)], [alarm(start_s + shift_s)])
    assert (counts.found, counts.false, counts.missed, counts.repeats) == (0, 1, 1, 0)
    assert counts.f1 == 0


@given(seconds, st.floats(-BEFORE_S + 0.01, AFTER_S - 0.01))
def test_inside_the_window_it_is_found(start_s: float, shift_s: float) -> None:
    counts = judged([TrueEvent("intrusion", start_s, start_s)], [alarm(start_s + shift_s)])
    assert (counts.found, counts.false, counts.missed) == (1, 0, 0)
    assert counts.delays_s == [pytest.approx(shift_s)]


def test_dating_an_alarm_back_does_not_make_it_punctual() -> None:
    counts = judged([TrueEvent("intrusion", 100, 100)], [alarm(100, raised_s=111)])
    assert (counts.found, counts.false, counts.missed) == (0, 1, 1)


def test_one_alarm_finds_one_event() -> None:
    counts = judged([TrueEvent("intrusion", 10, 10), TrueEvent("intrusion", 11, 11)], [alarm(12)])
    assert (counts.found, counts.false, counts.missed) == (1, 0, 1)


def test_a_further_alarm_while_a_found_event_lasts_is_a_repeat_and_not_afterwards() -> None:
    happened = [TrueEvent("intrusion", 10, 40)]
    counts = judged(happened, [alarm(11), alarm(30), alarm(45)])
    assert (counts.found, counts.false, counts.repeats) == (1, 1, 1)
    assert judged(happened, [alarm(30)]).false == 1


def test_something_elsewhere_or_of_another_kind_is_not_it() -> None:
    truth = TrueEvent("intrusion", 10, 10, box=(0.1, 0.1, 0.2, 0.2))
    assert judged([truth], [Alarm("intrusion", 10, 10, (0.5, 0.5, 0.6, 0.6))]).found == 0
    assert judged([truth], [Alarm("intrusion", 10, 10, (0.15, 0.15, 0.6, 0.6))]).found == 1
    assert judged([truth], [Alarm("fall", 10, 10)]).found == 0


@given(truths, st.lists(seconds, max_size=12))
def test_pairs_fit_and_none_is_used_twice(happened: list[TrueEvent], starts: list[float]) -> None:
    alarms = [alarm(start) for start in starts]
    pairs = matched(happened, alarms)
    assert len({truth for truth, _ in pairs}) == len({told for _, told in pairs}) == len(pairs)
    for truth, told in pairs:
        assert -BEFORE_S <= alarms[told].start_s - happened[truth].start_s <= AFTER_S


@given(
    st.lists(st.floats(0, 30).map(lambda value: round(value, 1)), max_size=4),
    st.lists(st.floats(0, 30).map(lambda value: round(value, 1)), max_size=4),
)
def test_no_other_pairing_has_more_pairs_or_is_more_punctual(starts: list[float], told: list[float]) -> None:
    happened, alarms = [TrueEvent("intrusion", s, s) for s in starts], [alarm(s) for s in told]
    best = (0, 0.0)
    for order in set(permutations([*range(len(told)), *[None] * len(starts)], len(starts))):
        delays = [told[number] - starts[truth] for truth, number in enumerate(order) if number is not None]
        if all(-BEFORE_S <= delay <= AFTER_S for delay in delays):
            best = max(best, (len(delays), -sum(abs(delay) for delay in delays)))
    pairs = matched(happened, alarms)
    assert len(pairs) == best[0]
    assert sum(abs(told[number] - starts[truth]) for truth, number in pairs) == pytest.approx(-best[1], abs=1e-6)


def test_f_alpha_favours_precision_when_small_and_recall_when_large() -> None:
    counts = Counts(found=6, false=2, missed=6)
    assert (counts.precision, counts.recall) == (0.75, 0.5)
    assert counts.f_alpha(1.0) == pytest.approx(counts.f1) == pytest.approx(0.6)
    assert counts.f_alpha(1e-9) == pytest.approx(0.75)
    assert counts.f_alpha(1e9) == pytest.approx(0.5)
    assert Counts().f_alpha(1.0) is None
    assert Counts(missed=3).f_alpha(1.0) == 0


def test_wilson_as_in_the_tables() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    low, high = wilson(8, 10)
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)
    assert wilson(10, 10)[1] == pytest.approx(1)
    assert round(wilson(10, 10)[0], 4) == 0.7225


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0.0, 3.6889), (1, 0.0253, 5.5716), (2, 0.2422, 7.2247), (10, 4.7954, 18.3904), (100, 81.3640, 121.6268)],
)
def test_poisson_as_in_the_tables(count: int, low: float, high: float) -> None:
    told_low, told_high = poisson_interval(count)
    assert told_low == pytest.approx(low, abs=2e-4)
    assert told_high == pytest.approx(high, abs=2e-4)


@given(st.integers(0, 400))
def test_at_the_ends_of_the_interval_the_count_is_just_unlikely(count: int) -> None:
    low, high = poisson_interval(count)
    assert poisson_cdf(count, high) == pytest.approx(0.025, abs=1e-6)
    if count:
        assert 1 - poisson_cdf(count - 1, low) == pytest.approx(0.025, abs=1e-6)


def test_percentiles() -> None:
    values = [float(number) for number in range(1, 21)]
    assert percentile(values, 0.95) == 19
    assert percentile(values, 0.5) == 10
    assert percentile([3.0], 0.95) == 3
    assert percentile([], 0.5) is None
