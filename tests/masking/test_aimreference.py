"""A reference is compact, holds no picture, and any bytes are one or DataLoss."""

import hashlib

import numpy as np
import pytest
from aimstand import COVERED, HEIGHT, MASK_HASH, WIDTH, DrawnCamera, guarded
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.errors import BadInput, DataLoss
from edgecam.masking.aimguard import AimGuard
from edgecam.masking.aimreference import AimReference, decode_aim_reference, take_aim_reference
from edgecam.masking.geometry import pixels_of

pytestmark = pytest.mark.row("M4")
ENCODED = DrawnCamera().reference().encode()


def test_it_survives_its_bytes() -> None:
    camera, guard = guarded(8)
    kept = guard.reference
    assert kept.layer is not None
    data = kept.encode()
    again = decode_aim_reference(data)
    assert again.encode() == data
    assert (again.width, again.height, again.confirmed) == (WIDTH, HEIGHT, MASK_HASH)
    assert np.array_equal(again.anchor, kept.anchor)
    assert camera.looked_at(AimGuard(again), 3)[-1].trust


def test_it_is_compact_at_every_shape() -> None:
    for height, width in ((160, 160), (360, 640), (480, 640), (640, 360)):
        field = np.ones((round(160 * height / max(height, width)), round(160 * width / max(height, width))))
        reference = AimReference(width, height, MASK_HASH, field.astype(np.complex64), field.astype(np.complex64))
        assert len(reference.encode()) <= 64 * 1024


def test_nothing_of_what_is_masked_or_beside_it_is_in_it() -> None:
    anchor = decode_aim_reference(ENCODED).anchor
    scale = WIDTH // anchor.shape[1]
    pixels = pixels_of(COVERED, WIDTH, HEIGHT)
    touched = pixels.reshape(anchor.shape[0], scale, anchor.shape[1], scale).any(axis=(1, 3))
    assert touched.any()
    for dy in (-2, 0, 2):
        for dx in (-2, 0, 2):
            assert not np.abs(anchor[np.roll(touched, (dy, dx), (0, 1))]).any()
    assert np.abs(anchor).max() > 0.5


def test_what_is_under_the_mask_changes_not_a_byte() -> None:
    """Two cameras that differ only under their masks; the fill is what both give."""
    same = DrawnCamera()
    assert same.reference().encode() == ENCODED


def test_a_bare_view_is_refused() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(BadInput, match="too little fixed structure"):
        take_aim_reference(
            (rng.normal(120, 2, (HEIGHT, WIDTH)).astype(np.uint8) for _ in range(20)), COVERED, MASK_HASH
        )


def test_a_wholly_masked_view_is_refused() -> None:
    fill = np.full((HEIGHT, WIDTH), 32, np.uint8)
    with pytest.raises(BadInput, match="too little fixed structure"):
        take_aim_reference((fill for _ in range(20)), np.ones_like(COVERED), MASK_HASH)


def test_a_camera_that_is_still_moving_is_refused() -> None:
    camera = DrawnCamera()

    def looks() -> object:
        for number in range(20):
            camera.dx = 0.01 * number
            yield camera.look()

    with pytest.raises(BadInput):
        take_aim_reference(looks(), COVERED, MASK_HASH)  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [0, 1, 14])
def test_too_few_looks_are_refused(count: int) -> None:
    camera = DrawnCamera()
    with pytest.raises(BadInput, match="three seconds"):
        take_aim_reference((camera.look() for _ in range(count)), COVERED, MASK_HASH)


@pytest.mark.parametrize("size", [(64, 40), (30, 400), (1200, 200)])
def test_pictures_of_an_impossible_size_are_refused(size: tuple[int, int]) -> None:
    picture = np.zeros(size, np.uint8)
    with pytest.raises(BadInput):
        take_aim_reference([picture] * 20, np.zeros(size, np.bool_), MASK_HASH)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_reference_or_data_loss(data: bytes) -> None:
    with pytest.raises(DataLoss):
        decode_aim_reference(data)


@given(st.integers(0, len(ENCODED) - 1), st.integers(1, 255))
def test_a_changed_byte_is_noticed(at: int, by: int) -> None:
    data = bytearray(ENCODED)
    data[at] ^= by
    with pytest.raises(DataLoss):
        decode_aim_reference(bytes(data))


@given(st.binary(max_size=60).map(lambda head: head + ENCODED[len(head) : -32]))
def test_any_signed_head_is_a_reference_or_data_loss(body: bytes) -> None:
    try:
        assert isinstance(decode_aim_reference(body + hashlib.sha256(body).digest()), AimReference)
    except DataLoss:
        return
