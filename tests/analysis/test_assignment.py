from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edgecam.analysis.assignment import assigned

WORTH = st.floats(-1, 2, allow_nan=False) | st.sampled_from([0.0, 1.0])
TABLES = st.tuples(st.integers(0, 5), st.integers(1, 5)).flatmap(
    lambda size: st.lists(st.lists(WORTH, min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0])
)


def _best(worth: list[list[float]], row: int = 0, taken: frozenset[int] = frozenset()) -> float:
    """The largest sum there is, by trying everything."""
    if row == len(worth):
        return 0.0
    best = _best(worth, row + 1, taken)
    for column, one in enumerate(worth[row]):
        if column not in taken and one > 0:
            best = max(best, one + _best(worth, row + 1, taken | {column}))
    return best


@given(TABLES)
def test_no_other_pairing_is_worth_more(worth: list[list[float]]) -> None:
    pairs = assigned(worth)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
    assert all(worth[row][column] > 0 for row, column in pairs)
    assert abs(sum(worth[row][column] for row, column in pairs) - _best(worth)) < 1e-9


def test_the_best_pair_gives_way_when_both_do_better_apart() -> None:
    assert assigned([[1.0, 0.9], [0.9, 0.0]]) == [(0, 1), (1, 0)]


def test_nothing_goes_with_nothing() -> None:
    assert assigned([]) == []
    assert assigned([[], []]) == []
    assert assigned([[0.0, -1.0]]) == []
