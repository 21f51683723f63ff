from __future__ import annotations

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.capture.mappedplanes import PlaneLayout
from edgecam.capture.planes import ROTATIONS, copy_frame, copy_plane, delivered_size
from edgecam.core.errors import Unavailable
from edgecam.core.picture import Picture


@given(st.integers(2, 40), st.integers(2, 40), st.sampled_from(ROTATIONS), st.integers(0, 7))
def test_turning_is_what_numpy_calls_turning(width: int, height: int, rotation: int, padding: int) -> None:
    plane = np.random.default_rng(width * height).integers(0, 256, (height, width + padding), np.uint8)[:, :width]
    shape = (height, width) if rotation in (0, 180) else (width, height)
    target = np.zeros(shape, np.uint8)
    copy_plane(plane, target, rotation)
    assert np.array_equal(target, np.rot90(plane, -rotation // 90))


@pytest.mark.parametrize("size", [(322, 240), (64, 64), (1000, 562)])
def test_padded_rows_of_a_decoder_are_honoured_and_its_pixels_left(size: tuple[int, int]) -> None:
    width, height = size
    frame = av.VideoFrame(width, height, "yuv420p")
    for number, plane in enumerate(frame.planes):
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
        rows[:] = 255
        rows[:, : plane.width] = 50 * (number + 1)
    before = [bytes(plane) for plane in frame.planes]
    picture = Picture(*delivered_size(width, height, 0))
    copy_frame(frame, picture, 0)
    assert {int(picture.y.min()), int(picture.y.max())} == {50}
    assert {int(picture.u.max()), int(picture.v.max())} == {100, 150}
    picture.buffer[:] = 0
    assert [bytes(plane) for plane in frame.planes] == before


def padded(width: int, height: int, stride: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.random.default_rng(5).integers(0, 256, stride * height * 3 // 2 + 100, np.uint8)


@pytest.mark.parametrize("stride", [64, 96])
def test_burning_a_picture_burns_the_camera_s_buffer_and_nothing_beside_it(stride: int) -> None:
    layout, flat = PlaneLayout(64, 32, stride), padded(64, 32, stride)
    before = flat.copy()
    with layout.picture(flat) as picture:
        assert np.array_equal(picture.y, before[: stride * 32].reshape(32, stride)[:, :64])
        picture.y[4:8, 10:20], picture.u[2:4, 5:10], picture.v[2:4, 5:10] = 16, 128, 129
    y = flat[: stride * 32].reshape(32, stride)
    assert (y[4:8, 10:20] == 16).all()
    chroma = flat[stride * 32 : stride * 48].reshape(2, 16, stride // 2)
    assert (chroma[0, 2:4, 5:10] == 128).all()
    assert (chroma[1, 2:4, 5:10] == 129).all()
    assert (flat != before).sum() <= 4 * 10 + 2 * 2 * 5
    assert np.array_equal(flat[stride * 48 :], before[stride * 48 :])


def test_blackening_spares_no_byte() -> None:
    layout, flat = PlaneLayout(64, 32, 96), padded(64, 32, 96)
    layout.blacken(flat)
    assert set(flat[: 96 * 32].tolist()) == {16}
    assert set(flat[96 * 32 :].tolist()) == {128}


def test_a_buffer_that_is_too_small_is_no_picture() -> None:
    layout = PlaneLayout(64, 32, 64)
    with pytest.raises(Unavailable, match="instead of 3072"), layout.picture(np.zeros(3000, np.uint8)):
        pytest.fail("it gave a picture")
