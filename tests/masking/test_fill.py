"""Exactly the covered cells are filled, on every size and in any memory, and burning takes none."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from fakes.masksets import mask_set_of
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from edgecam.core.frames import RawFrame
from edgecam.core.picture import Picture, PicturePool
from edgecam.masking.burn import Burner
from edgecam.masking.drawing import Mask
from edgecam.masking.fill import FILL_U, FILL_V, FILL_Y, Fill, fill_wholly
from edgecam.masking.geometry import CELL, Cells

SIZES = st.one_of(
    st.tuples(st.integers(1, 100), st.integers(1, 60)),
    # Runs wider than the widest window, and runs that go on in the next row.
    st.tuples(st.integers(1000, 2100), st.integers(1, 20)),
)


@st.composite
def covered(draw: st.DrawFn) -> tuple[Cells, int, int]:
    width, height = draw(SIZES)
    shape = -(-height // CELL), -(-width // CELL)
    rate = draw(st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]))
    if rate == 0.5:
        return draw(arrays(np.bool_, shape)), width, height
    return np.random.default_rng(draw(st.integers(0, 99))).random(shape) < rate, width, height


def noise(picture: Picture) -> Picture:
    picture.buffer[:] = np.random.default_rng(7).integers(0, 256, picture.buffer.size)
    return picture


def pixels(cells: Cells, cell: int, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    return np.kron(cells, np.ones((cell, cell), np.bool_))[: shape[0], : shape[1]]


def burnt_plainly(picture: Picture, cells: Cells) -> bytes:
    """What ``picture`` is to be, pixel by pixel."""
    wanted = Picture(picture.width, picture.height, picture.buffer.copy())
    wanted.y[pixels(cells, CELL, wanted.y.shape)] = FILL_Y
    wanted.u[pixels(cells, CELL // 2, wanted.u.shape)] = FILL_U
    wanted.v[pixels(cells, CELL // 2, wanted.v.shape)] = FILL_V
    return wanted.buffer.tobytes()


@pytest.mark.row("M2")
@given(covered(), st.integers(0, 9))
def test_the_covered_cells_are_filled_and_nothing_else(case: tuple[Cells, int, int], begin: int) -> None:
    cells, width, height = case
    fill = Fill(cells, width, height)
    # As in a camera's own memory: at any address, with what is not ours before and behind.
    around = np.full(begin + Picture(width, height).buffer.size + 9, 77, np.uint8)
    picture = noise(Picture(width, height, around[begin:-9]))
    wanted = burnt_plainly(picture, cells)
    fill.burn_into(picture)
    assert picture.buffer.tobytes() == wanted
    assert (around[:begin] == 77).all()
    assert (around[-9:] == 77).all()


@pytest.mark.row("M2")
@given(covered())
def test_pictures_that_come_again_are_filled_each_time(case: tuple[Cells, int, int]) -> None:
    cells, width, height = case
    fill, kept = Fill(cells, width, height), Picture(width, height)
    fill.keep(kept)
    lent = PicturePool(width, height, 1).take()
    assert lent is not None
    for picture in (kept, lent, kept, lent):
        wanted = burnt_plainly(noise(picture), cells)
        fill.burn_into(picture)
        assert picture.buffer.tobytes() == wanted


@given(SIZES)
def test_wholly_is_every_pixel(size: tuple[int, int]) -> None:
    picture = noise(Picture(*size))
    fill_wholly(picture)
    everything = np.ones((-(-size[1] // CELL), -(-size[0] // CELL)), np.bool_)
    assert picture.buffer.tobytes() == burnt_plainly(noise(Picture(*size)), everything)


@pytest.mark.row("M6")
def test_what_cannot_be_filled_is_an_error_and_never_passed_over() -> None:
    fill = Fill(np.ones((3, 4), np.bool_), 30, 20)
    with pytest.raises(ValueError, match="cells are of"):
        fill.burn_into(Picture(20, 30))
    unwritable = Picture(30, 20).buffer
    unwritable.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        fill.burn_into(Picture(30, 20, unwritable))


@pytest.mark.row("M2")
def test_burning_takes_no_memory_once_each_picture_was_there() -> None:
    size, small_size = (640, 360), (320, 180)
    slanted = Mask(name="m", reason="other", polygon=((0.1, 0.1), (0.9, 0.3), (0.6, 0.9), (0.2, 0.7)))
    burner = Burner(mask_set_of(slanted), size, small_size)
    pool = PicturePool(*size, 6)
    frames = [RawFrame(picture, 0, 0) for _ in range(6) if (picture := pool.take())]
    for frame in frames:
        burner.burn(frame, want_small=False)
    tracemalloc.start()
    try:
        for number in range(1000):
            burner.burn(frames[number % 6], want_small=False)
        held_bytes, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # The frame itself, and not one byte for each pixel, cell or row.
    assert held_bytes < 500
    assert most_bytes < 2000
