from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from edgecam.analysis.attention import Attention, Episode, Verdict
from edgecam.analysis.cells import cell_of
from edgecam.analysis.habits import Aspect, Mark
from edgecam.core.errors import DataLoss


def _mark(hour: int = 3, x: float = 0.2, kind: int = 0) -> Mark:
    return Mark(Aspect.PRESENCE, kind, hour, 0, cell_of(x, 0.5))


def _weighed(attention: Attention, mark: Mark, score: float, known: bool = True) -> Verdict:
    """The verdict on a track that did nothing else."""
    return attention.weigh(mark, score, {}, covered=False, known=known)


def _calibrated(days: int, scores: list[float]) -> Attention:
    """After ``days`` days, each of which brought these scores far from each other."""
    attention = Attention()
    for _ in range(days):
        attention.watch()
        for number, score in enumerate(scores):
            _weighed(attention, _mark(hour=4 * number), score, known=False)
        attention.turn()
    return attention


def test_nothing_is_told_before_a_week_was_scored() -> None:
    assert _calibrated(6, []).least_told(Aspect.PRESENCE) == math.inf
    assert _calibrated(7, []).least_told(Aspect.PRESENCE) == 0.0


def test_only_what_exceeds_all_but_a_few_of_four_weeks_is_told() -> None:
    attention = _calibrated(28, [5.0])
    assert attention.least_told(Aspect.PRESENCE) == 5.0
    assert _weighed(attention, _mark(), 5.0) == Verdict.ORDINARY
    assert _weighed(attention, _mark(), 5.1) == Verdict.TELL
    # Another aspect has scores of its own.
    assert attention.least_told(Aspect.STAY) == 0.0


def test_the_same_place_and_hour_is_told_once_a_day() -> None:
    attention = _calibrated(28, [])
    assert _weighed(attention, _mark(), 5.0) == Verdict.TELL
    assert _weighed(attention, _mark(hour=4, x=0.3), 9.0) == Verdict.COVERED
    assert _weighed(attention, _mark(kind=1), 5.0) == Verdict.TELL
    attention.turn()
    assert _weighed(attention, _mark(), 5.0) == Verdict.TELL


def test_a_day_has_three_tellings_and_then_only_clearly_more_surprising_ones() -> None:
    attention = _calibrated(28, [])
    told = [_weighed(attention, _mark(hour=hour), 5.0) for hour in (0, 4, 8, 12)]
    assert told == [Verdict.TELL, Verdict.TELL, Verdict.TELL, Verdict.PASSED_OVER]
    assert _weighed(attention, _mark(hour=16), 5.9) == Verdict.PASSED_OVER
    assert _weighed(attention, _mark(hour=20), 6.1) == Verdict.TELL


def test_one_track_counts_once_in_the_calibration() -> None:
    attention = _calibrated(27, [])
    leads: dict[Aspect, Episode] = {}
    attention.watch()
    for x in (0.0, 0.3, 0.6, 0.9):
        attention.weigh(_mark(x=x), 5.0, leads, covered=False, known=False)
    attention.turn()
    # Two larger scores may be had in 28 days; there is one.
    assert attention.least_told(Aspect.PRESENCE) == 0.0


def test_what_was_told_survives_its_bytes() -> None:
    attention = _calibrated(28, [5.0, 4.0])
    _weighed(attention, _mark(), 6.0)
    again = Attention.decode(attention.encode())
    assert again.encode() == attention.encode()
    assert _weighed(again, _mark(), 6.5) == Verdict.COVERED


@given(st.binary(max_size=60))
def test_any_bytes_are_scores_or_data_loss(data: bytes) -> None:
    try:
        attention = Attention.decode(data)
    except DataLoss:
        return
    assert attention.encode() == data
    attention.turn()


@given(st.integers(0, 400), st.integers(0, 255))
def test_changed_bytes_are_scores_or_data_loss(at: int, value: int) -> None:
    told = bytearray(_calibrated(9, [5.0, 4.0]).encode())
    told[at % len(told)] = value
    try:
        attention = Attention.decode(bytes(told))
    except DataLoss:
        return
    _weighed(attention, _mark(), 6.0)
