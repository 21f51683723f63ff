"""One buffer, three views, and a pool that never grows."""

import threading

import numpy as np
import pytest

from edgecam.core.picture import Picture, PicturePool


@pytest.mark.parametrize(("width", "height"), [(4, 2), (5, 3), (1, 1), (640, 360), (33, 17)])
def test_planes_are_views_of_one_buffer_that_they_fill(width: int, height: int) -> None:
    picture = Picture(width, height)
    picture.y[:], picture.u[:], picture.v[:] = 1, 2, 3
    assert picture.y.shape == (height, width)
    assert picture.u.shape == picture.v.shape == ((height + 1) // 2, (width + 1) // 2)
    assert np.array_equal(np.unique(picture.buffer), [1, 2, 3])
    assert picture.y.base is not None


def test_a_buffer_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="needs"):
        Picture(4, 4, np.zeros(23, np.uint8))


def test_a_buffer_with_gaps_of_which_planes_would_be_copies_is_refused() -> None:
    with pytest.raises(ValueError, match="needs 24 bytes in one row"):
        Picture(4, 4, np.zeros(48, np.uint8)[::2])


def test_a_pool_lends_each_picture_once_and_takes_it_back() -> None:
    pool = PicturePool(4, 2, 2)
    first, second = pool.take(), pool.take()
    assert first is not None
    assert second is not None
    assert first is not second
    assert pool.take() is None
    first.release()
    assert pool.take() is first


def test_waiting_for_a_picture_ends_when_one_comes_back() -> None:
    pool = PicturePool(4, 2, 1)
    lent = pool.take()
    assert lent is not None
    threading.Timer(0.01, lent.release).start()
    assert pool.take(timeout_s=10) is lent
