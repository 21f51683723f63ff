"""No pixel under a mask survives in luma or chroma, in either picture, and every failure ends in fill."""

import numpy as np
import pytest
from fakes.masksets import mask_set_of
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.frames import RawFrame
from edgecam.core.outline import Point
from edgecam.core.picture import Picture, PicturePool
from edgecam.masking.burn import NO_MASKS, Burner
from edgecam.masking.drawing import DrawnPicture, Mask, OwnArea
from edgecam.masking.fill import FILL_U, FILL_V, FILL_Y
from edgecam.masking.maskset import MaskSet
from edgecam.masking.shrink import small_size_for

coordinate = st.floats(0, 1, allow_nan=False)
polygons = st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=6).filter(
    lambda p: np.ptp([x for x, _ in p]) * np.ptp([y for _, y in p]) > 1e-4
)
sizes = st.tuples(st.integers(2, 90), st.integers(2, 70))


def mask_set(*outlines: list[Point]) -> MaskSet:
    return mask_set_of(*(Mask(name="m", reason="other", polygon=tuple(outline)) for outline in outlines))


def noise(width: int, height: int) -> Picture:
    picture = Picture(width, height)
    # Values that the fill never has, so that what survives is seen.
    picture.buffer[:] = np.random.default_rng(7).integers(150, 250, picture.buffer.size)
    return picture


def inside(polygon: list[Point], width: int, height: int) -> np.ndarray:
    """Luma pixels of which a sample point (of 5x5) lies inside, by an independent even-odd test."""
    steps = (np.arange(5) + 0.5) / 5
    xs = ((np.arange(width)[:, None] + steps) / width).ravel()[None, :]
    ys = ((np.arange(height)[:, None] + steps) / height).ravel()[:, None]
    odd = np.zeros((ys.size, xs.size), np.bool_)
    for (xa, ya), (xb, yb) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        if ya != yb:
            with np.errstate(over="ignore", invalid="ignore"):
                odd ^= ((ya > ys) != (yb > ys)) & (xs < xa + (ys - ya) / (yb - ya) * (xb - xa))
    return np.asarray(odd.reshape(height, 5, width, 5).any(axis=(1, 3)))


def assert_burnt(picture: Picture, polygon: list[Point]) -> None:
    masked = inside(polygon, picture.width, picture.height)
    assert np.all(picture.y[masked] == FILL_Y)
    rows, columns = np.nonzero(masked)
    assert np.all(picture.u[rows // 2, columns // 2] == FILL_U)
    assert np.all(picture.v[rows // 2, columns // 2] == FILL_V)


@pytest.mark.row("M2")
@given(st.lists(polygons, min_size=1, max_size=3), sizes)
def test_no_pixel_under_a_mask_survives_in_any_plane(outlines: list[list[Point]], size: tuple[int, int]) -> None:
    small_size = small_size_for(*size, wanted_width=30)
    masked = Burner(mask_set(*outlines), size, small_size).burn(RawFrame(noise(*size), 5, 6), want_small=True)
    assert not masked.private
    assert masked.small is not None
    for outline in outlines:
        assert_burnt(masked.full, outline)
        assert_burnt(masked.small, outline)


@pytest.mark.row("M2")
@given(polygons, sizes)
def test_a_small_picture_that_the_camera_brings_is_burnt_too(outline: list[Point], size: tuple[int, int]) -> None:
    raw = RawFrame(noise(*size), 5, 6, small=noise(31, 17))
    masked = Burner(mask_set(outline), size, (31, 17)).burn(raw, want_small=False)
    assert masked.small is raw.small
    assert_burnt(raw.picture, outline)
    assert raw.small is not None
    assert_burnt(raw.small, outline)


def assert_wholly_fill(picture: Picture) -> None:
    assert np.all(picture.y == FILL_Y)
    assert np.all(picture.u == FILL_U)
    assert np.all(picture.v == FILL_V)


@pytest.mark.row("M6")
@given(sizes)
def test_without_a_mask_set_everything_is_fill(size: tuple[int, int]) -> None:
    masked = Burner(None, size, (20, 10)).burn(RawFrame(noise(*size), 5, 6, small=noise(20, 10)), want_small=True)
    assert masked.private
    assert masked.mask_hash == NO_MASKS
    assert_wholly_fill(masked.full)
    assert masked.small is not None
    assert_wholly_fill(masked.small)


def test_an_empty_mask_set_leaves_the_picture_alone() -> None:
    raw, untouched = RawFrame(noise(40, 30), 5, 6), noise(40, 30)
    masked = Burner(mask_set(), (40, 30), (20, 14)).burn(raw, want_small=True)
    assert not masked.private
    assert np.array_equal(masked.full.buffer, untouched.buffer)


@pytest.mark.row("M6")
def test_a_frame_of_another_size_is_wholly_masked_and_a_fault() -> None:
    burner = Burner(mask_set([(0, 0), (1, 0), (0, 1)]), (40, 30), (20, 14))
    masked = burner.burn(RawFrame(noise(44, 30), 5, 6, small=noise(18, 14)), want_small=True)
    assert masked.private
    assert burner.fault is not None
    assert_wholly_fill(masked.full)
    assert masked.small is not None
    assert_wholly_fill(masked.small)


@pytest.mark.row("M6")
@pytest.mark.parametrize(("size", "rotation"), [((40, 40), 0), ((30, 40), 0), ((40, 30), 180)])
def test_masks_drawn_on_another_picture_are_none_and_a_fault(size: tuple[int, int], rotation: int) -> None:
    mask = Mask(name="m", reason="other", polygon=((0, 0), (1, 0), (0, 1)))
    masks = mask_set_of(mask, picture=DrawnPicture(width=1600, height=1200))
    assert Burner(masks, (40, 30), (20, 14)).fault is None
    burner = Burner(masks, size, (20, 14), rotation)
    masked = burner.burn(RawFrame(noise(*size), 5, 6), want_small=False)
    assert masked.private
    assert burner.fault is not None
    assert "drawn on a picture of 1600x1200" in burner.fault.sentence
    assert_wholly_fill(masked.full)


@pytest.mark.row("M3")
def test_outside_the_own_property_no_pixel_survives() -> None:
    garden = OwnArea(name="garden", polygon=((0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7)))
    picture = noise(160, 120)
    Burner(mask_set_of(own=(garden,)), (160, 120), (80, 60)).burn(RawFrame(picture, 5, 6), want_small=False)
    shown = picture.y != FILL_Y
    rows, columns = np.nonzero(shown)
    assert (rows.min(), rows.max() + 1, columns.min(), columns.max() + 1) == (40, 80, 56, 104)
    outside = np.ones((60, 80), np.bool_)
    outside[20:40, 28:52] = False
    assert np.all(picture.u[outside] == FILL_U)
    assert np.all(picture.v[outside] == FILL_V)


def test_times_and_release_are_handed_on() -> None:
    released: list[bool] = []
    raw = RawFrame(noise(40, 30), 55, 66, release=lambda: released.append(True))
    masked = Burner(mask_set(), (40, 30), (20, 14)).burn(raw, want_small=False)
    assert (masked.captured_mono_ns, masked.sequence, masked.small) == (55, 66, None)
    masked.release()
    assert released == [True]


@pytest.mark.parametrize(
    ("size", "small"),
    [((1920, 1080), (640, 360)), ((768, 576), (640, 480)), ((320, 240), (320, 240)), ((721, 1153), (640, 1024))],
)
def test_the_small_picture_keeps_the_shape(size: tuple[int, int], small: tuple[int, int]) -> None:
    assert small_size_for(*size) == small


@pytest.mark.row("M2")
def test_pictures_that_come_again_are_burnt_each_time_and_strangers_too() -> None:
    outline = [(0.1, 0.1), (0.6, 0.2), (0.4, 0.9)]
    burner = Burner(mask_set(outline), (40, 30), (20, 14))
    pool = PicturePool(40, 30, 2)
    lent = [pool.take(), pool.take()]
    for turn in range(3):
        for picture in lent:
            assert picture is not None
            picture.buffer[:] = 150 + turn
            burner.burn(RawFrame(picture, turn, turn), want_small=False)
            assert_burnt(picture, outline)
            assert np.any(picture.y == 150 + turn)
    for _ in range(3):
        stranger = noise(40, 30)
        burner.burn(RawFrame(stranger, 5, 6), want_small=False)
        assert_burnt(stranger, outline)


@pytest.mark.parametrize("size", [(120, 66), (60, 33), (20, 11)])
def test_shrinking_by_whole_factors_shows_the_same_places(size: tuple[int, int]) -> None:
    width, height = size
    picture = Picture(width, height)
    picture.y[:] = np.arange(height)[:, None] + np.arange(width)[None, :] // 2
    picture.u[:], picture.v[:] = 90, 160
    small = Burner(mask_set(), size, (20, 11)).burn(RawFrame(picture, 5, 6), want_small=True).small
    assert small is not None
    rows, columns = (np.arange(11) + 0.5) * height / 11 - 0.5, (np.arange(20) + 0.5) * width / 20 - 0.5
    assert np.allclose(small.y, rows[:, None] + columns[None, :] / 2, atol=1.1)
    assert np.all(small.u == 90)
    assert np.all(small.v == 160)
