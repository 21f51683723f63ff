"""What a thumbnail shows: what it is about, whole, with what is around it, and nothing of its own making."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.analysis.framing import WHOLE, WIDEST, framed, within
from edgecam.core.picture import Picture

shares = st.floats(0, 1).map(lambda share: round(share, 4))


def filled(width: int, height: int) -> Picture:
    picture = Picture(width, height)
    picture.buffer[:] = 128
    return picture


@pytest.mark.row("A6")
@given(
    st.tuples(shares, shares, shares, shares),
    st.sampled_from([(640, 360), (320, 240), (768, 576), (64, 48), (640, 480)]),
)
def test_it_holds_the_thing_and_is_small(corners: tuple[float, float, float, float], size: tuple[int, int]) -> None:
    box = (
        min(corners[0], corners[2]),
        min(corners[1], corners[3]),
        max(corners[0], corners[2]),
        max(corners[1], corners[3]),
    )
    small, part = framed(filled(*size), box)
    assert small.width <= WIDEST
    assert small.width % 2 == small.height % 2 == 0
    slack = 4 / min(size)
    assert part[0] <= box[0] + slack
    assert part[2] >= box[2] - slack
    assert part[1] <= box[1] + slack or part[3] - part[1] < box[3] - box[1] + slack
    assert all(0 <= edge <= 1 for edge in (*part, *within(box, part)))


def test_without_a_place_it_is_the_whole_picture() -> None:
    small, part = framed(filled(640, 360), None)
    assert (small.width, small.height, part) == (320, 180, WHOLE)


@pytest.mark.row("M2")
def test_what_is_fill_stays_fill_and_nothing_of_beside_it_comes_in() -> None:
    picture = filled(640, 360)
    rng = np.random.default_rng(1)
    picture.y[:] = rng.integers(60, 250, (360, 640))
    picture.y[100:300, 200:500], picture.u[50:150, 100:250], picture.v[50:150, 100:250] = 32, 128, 128
    for box in ((0.3, 0.3, 0.6, 0.8), (0.4, 0.4, 0.45, 0.5), None):
        small, part = framed(picture, box)
        rows = (np.arange(small.height) + 0.5) / small.height * (part[3] - part[1]) * 360 + part[1] * 360
        columns = (np.arange(small.width) + 0.5) / small.width * (part[2] - part[0]) * 640 + part[0] * 640
        step = (part[2] - part[0]) * 640 / small.width
        inside = np.ix_((rows > 100 + step) & (rows < 300 - step), (columns > 200 + step) & (columns < 500 - step))
        assert small.y[inside].size
        assert np.all(small.y[inside] == 32)


def test_it_is_a_copy() -> None:
    picture = filled(640, 360)
    small, _ = framed(picture, (0.4, 0.4, 0.5, 0.5))
    picture.buffer[:] = 7
    assert np.all(small.buffer == 128)
