"""A mask set is what this camera signed, or it is refused with a sentence."""

import contextlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.masksets import CAMERA, SOMEBODY, mask_set_of
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.clock import Instant, TimeTrust
from edgecam.core.errors import BadInput
from edgecam.masking.drawing import Mask
from edgecam.masking.maskset import MaskSet, Step, decode_mask_set, load_mask_set

TRIANGLE = Mask(name="隣の家", reason="neighbour", polygon=((0.7, 0.0), (1.0, 0.0), (1.0, 0.4)))
ROAD = Mask(name="road", reason="public_road", polygon=((0.0, 0.8), (1.0, 0.8), (1.0, 1.0), (0.0, 1.0)))
SET = mask_set_of(TRIANGLE, margin=0.01)


def file_with(**changes: object) -> bytes:
    return json.dumps({**json.loads(SET.encode()), **changes}).encode()


@pytest.mark.row("M1")
def test_a_mask_set_survives_its_file() -> None:
    assert decode_mask_set(SET.encode(), CAMERA.public) == SET


@pytest.mark.row("M5")
def test_the_hash_follows_what_is_masked_and_the_version_and_not_the_lock() -> None:
    locked = replace(SET, locked=SOMEBODY).signed(CAMERA.sign)
    assert locked.mask_hash == SET.mask_hash
    others = [
        mask_set_of(ROAD, margin=0.01),
        mask_set_of(TRIANGLE, margin=0.02),
        replace(SET, version=2),
        replace(SET, previous=SET.mask_hash),
    ]
    assert len({SET.mask_hash, *(other.mask_hash for other in others)}) == 5


@pytest.mark.row("M6")
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "JSON"),
        (b"{", "JSON"),
        (file_with(format=1), "format"),
        (file_with(extra=1), "extra"),
        (file_with(camera="edgecam_ffffffff"), "drawn for camera edgecam_ffffffff"),
        (file_with(version=2), "did not sign"),
        (file_with(locked=SOMEBODY.model_dump(mode="json")), "did not sign"),
        (file_with(signature="00" * 64), "did not sign"),
        (file_with(signature=""), "signature"),
        (file_with(drawing={"masks": []}), "did not sign"),
        (
            file_with(drawing={"masks": [{"name": "a", "reason": "other", "polygon": [[0, 0], [1, 1]]}]}),
            "at least 3",
        ),
    ],
)
def test_what_this_camera_did_not_sign_is_refused_with_the_reason(data: bytes, said: str) -> None:
    with pytest.raises(BadInput, match="masks cannot be used") as told:
        decode_mask_set(data, CAMERA.public)
    assert said in str(told.value)
    assert "the whole picture is masked" in str(told.value)


@pytest.mark.row("M6")
def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path, said in ((tmp_path / "masks.json", "none yet"), (tmp_path, "cannot be read")):
        with pytest.raises(BadInput, match=said):
            load_mask_set(path, CAMERA.public)


@given(st.integers(0, len(SET.encode()) - 1), st.integers(0, 7))
def test_one_bit_changed_is_refused_or_says_the_same(place: int, bit: int) -> None:
    data = bytearray(SET.encode())
    data[place] ^= 1 << bit
    with contextlib.suppress(BadInput):
        # White space is not signed; everything that means something is.
        assert decode_mask_set(bytes(data), CAMERA.public) == SET


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_a_mask_set_or_bad_input(data: bytes) -> None:
    with contextlib.suppress(BadInput):
        assert isinstance(decode_mask_set(data, CAMERA.public), MaskSet)


@pytest.mark.parametrize("who", ["", "  ", "x" * 201])
def test_a_step_needs_a_name(who: str) -> None:
    with pytest.raises(BadInput, match="who acts"):
        Step.of(who, Instant(5, 0, bytes(16), TimeTrust.SYNCED))
