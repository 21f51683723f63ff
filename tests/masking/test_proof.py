"""What was burnt is proven from decoded frames, and what was not is found, wherever it can be."""

from __future__ import annotations

import io
from collections.abc import Callable

import av
import numpy as np
import pytest
from fakes.masksets import mask_set_of
from numpy.typing import NDArray

from edgecam.capture.encoder import X264Encoder
from edgecam.core.frames import Fragment, RawFrame, SourceFormat
from edgecam.core.picture import U8, Picture
from edgecam.masking.burn import Burner
from edgecam.masking.drawing import Drawing, Mask, OwnArea
from edgecam.masking.maskset import MaskSet
from edgecam.masking.proof import REACH, TOLERANCE_UV, TOLERANCE_Y, Deviation, FillProof
from edgecam.masking.shrink import small_size_for

pytestmark = pytest.mark.row("M2")

SLANTED = Mask(name="slanted", reason="neighbour", polygon=((0.1, 0.2), (0.55, 0.05), (0.7, 0.6), (0.25, 0.9)))
CORNER = Mask(name="a corner", reason="public_road", polygon=((0.8, 0.0), (1.0, 0.0), (1.0, 0.3)))
SET = mask_set_of(SLANTED, CORNER)
NOISE = np.random.default_rng(1)
Planes = tuple[U8, U8, U8]


def noise(width: int, height: int) -> Picture:
    picture = Picture(width, height)
    picture.buffer[:] = NOISE.integers(0, 256, picture.buffer.size, np.uint8)
    return picture


def burnt(masks: MaskSet | None, width: int, height: int) -> Picture:
    picture = noise(width, height)
    burner = Burner(masks, (width, height), small_size_for(width, height))
    return burner.burn(RawFrame(picture, 0, 0), want_small=False).full


def pixels(masks: MaskSet, width: int, height: int) -> NDArray[np.bool_]:
    return np.kron(masks.drawing.covered(width, height), np.ones((8, 8), np.bool_))[:height, :width]


def decoded(fragments: list[Fragment]) -> list[Planes]:
    data = fragments[0].init + b"".join(fragment.data for fragment in fragments)
    with av.open(io.BytesIO(data), "r") as container:
        return [_planes(frame) for frame in container.decode(video=0)]


def _planes(frame: av.VideoFrame) -> Planes:
    y, u, v = (
        np.frombuffer(memoryview(p), np.uint8).reshape(p.height, p.line_size)[:, : p.width].copy()
        for p in frame.planes
    )
    return y, u, v


def through_the_codec(spoil: Callable[[Picture, int], None], masks: MaskSet | None = SET) -> list[Planes]:
    """Twelve frames of noise, burnt, spoilt, encoded and decoded."""
    width, height, fragments = 320, 240, list[Fragment]()
    encoder = X264Encoder(SourceFormat(width, height, 10.0), bit_rate_kbps=20_000, on_fragment=fragments.append)
    burner = Burner(masks, (width, height), small_size_for(width, height))
    for number in range(12):
        frame = burner.burn(RawFrame(noise(width, height), number * 100_000_000, number), want_small=False)
        spoil(frame.full, number)
        encoder.encode(frame)
    encoder.close()
    return decoded(fragments)


def untouched(_picture: Picture, _number: int) -> None:
    return None


@pytest.mark.parametrize(("width", "height"), [(640, 480), (322, 242), (1280, 720), (968, 546)])
def test_what_the_burner_burnt_is_exactly_fill(width: int, height: int) -> None:
    picture = burnt(SET, width, height)
    proof = FillProof(SET, width, height)
    assert proof.look(picture.y, picture.u, picture.v) == Deviation(0, 0, 0)
    assert 0.5 * proof.covered_part < proof.checked_part < proof.covered_part


def test_every_sample_that_is_looked_at_counts_and_no_other_does() -> None:
    width, height = 160, 96
    picture = burnt(SET, width, height)
    proof, covered = FillProof(SET, width, height), pixels(SET, width, height)
    counted = np.zeros((height, width), np.bool_)
    for row in range(height):
        for column in range(width):
            kept = picture.y[row, column]
            picture.y[row, column] = 255
            counted[row, column] = not proof.look(picture.y, picture.u, picture.v).holds
            picture.y[row, column] = kept
    assert counted.mean() == pytest.approx(proof.checked_part)
    assert not (counted & ~covered).any()
    # All around of what counts, as far as smoothing reaches, is covered too.
    for row, column in np.argwhere(counted).tolist():
        assert covered[max(0, row - REACH) : row + REACH + 1, max(0, column - REACH) : column + REACH + 1].all()
    # In the corner of the picture nothing is lost to its edge.
    assert counted[0, width - 1]


@pytest.mark.parametrize("plane", ["y", "u", "v"])
def test_each_plane_is_looked_at(plane: str) -> None:
    picture = burnt(SET, 320, 240)
    samples = getattr(picture, plane)
    row, column = (np.array(samples.shape) * (0.45, 0.4)).astype(int)
    samples[row, column] += 40
    found = FillProof(SET, 320, 240).look(picture.y, picture.u, picture.v)
    assert getattr(found, plane) == 40
    assert not found.holds


def test_a_private_frame_is_fill_to_its_edges() -> None:
    picture = burnt(None, 322, 242)
    proof = FillProof(None, 322, 242)
    assert proof.checked_part == 1
    assert proof.look(picture.y, picture.u, picture.v) == Deviation(0, 0, 0)
    picture.y[241, 321] = 200
    assert proof.look(picture.y, picture.u, picture.v).y == 168


@pytest.mark.row("M3")
def test_outside_of_the_own_property_is_proven_too() -> None:
    garden = OwnArea(name="garden", polygon=((0.1, 0.1), (0.4, 0.1), (0.4, 0.9), (0.1, 0.9)))
    masks = mask_set_of(own=(garden,))
    picture = burnt(masks, 320, 240)
    proof = FillProof(masks, 320, 240)
    assert proof.look(picture.y, picture.u, picture.v).holds
    picture.y[120, 240] = 255
    assert not proof.look(picture.y, picture.u, picture.v).holds


def test_no_mask_is_nothing_to_prove() -> None:
    nothing = mask_set_of()
    proof = FillProof(nothing, 64, 48)
    picture = noise(64, 48)
    assert (proof.covered_part, proof.checked_part) == (0, 0)
    assert proof.look(picture.y, picture.u, picture.v) == Deviation()


def test_what_is_narrower_than_a_macroblock_cannot_be_proven_and_that_can_be_told() -> None:
    thin = mask_set_of(Mask(name="a line", reason="other", polygon=((0.0, 0.42), (1.0, 0.42), (1.0, 0.43))))
    proof = FillProof(thin, 320, 240)
    assert proof.covered_part > 0
    assert proof.checked_part == 0


def test_the_codec_stays_within_the_tolerance() -> None:
    proof = FillProof(SET, 320, 240)
    found = [proof.look(*planes) for planes in through_the_codec(untouched)]
    assert len(found) == 12
    assert all(one.holds for one in found)
    assert 0 < TOLERANCE_UV < TOLERANCE_Y < 128


def test_one_frame_drawn_over_is_found_and_only_that_one() -> None:
    def spoil(picture: Picture, number: int) -> None:
        if number == 11:
            picture.y[100:116, 120:136] = 180

    proof = FillProof(SET, 320, 240)
    assert [proof.look(*planes).holds for planes in through_the_codec(spoil)] == [True] * 11 + [False]


def test_colour_alone_is_found() -> None:
    def spoil(picture: Picture, _number: int) -> None:
        picture.v[50:58, 60:68] = 200

    proof = FillProof(SET, 320, 240)
    assert not any(proof.look(*planes).holds for planes in through_the_codec(spoil))


def test_the_masks_of_another_version_do_not_hold() -> None:
    moved = mask_set_of(SLANTED.model_copy(update={"polygon": ((0.0, 0.5), (0.4, 0.5), (0.4, 1.0), (0.0, 1.0))}))
    proof = FillProof(moved, 320, 240)
    assert not any(proof.look(*planes).holds for planes in through_the_codec(untouched))


def test_nothing_is_fill_by_default() -> None:
    assert Drawing().covered(64, 48).sum() == 0
