"""A mask file is a mask set of this camera, or it is refused with a sentence."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.errors import BadInput
from edgecam.masking.maskset import Mask, MaskSet, decode_mask_set, encode_mask_set, load_mask_set

CAMERA = "edgecam_1a2b3c4d"
TRIANGLE = Mask(name="next door", reason="neighbour", polygon=((0.7, 0.0), (1.0, 0.0), (1.0, 0.4)))


def file_with(**changes: object) -> bytes:
    fields = json.loads(encode_mask_set(CAMERA, (TRIANGLE,)))
    fields.update(changes)
    return json.dumps(fields).encode()


@pytest.mark.row("M1")
def test_a_mask_set_survives_its_file() -> None:
    assert decode_mask_set(encode_mask_set(CAMERA, (TRIANGLE,)), CAMERA).masks == (TRIANGLE,)


def test_the_hash_tells_sets_apart_and_not_layouts() -> None:
    one = decode_mask_set(file_with(), CAMERA)
    same = decode_mask_set(json.dumps(json.loads(file_with()), indent=7).encode(), CAMERA)
    none = decode_mask_set(encode_mask_set(CAMERA, ()), CAMERA)
    assert one.mask_hash == same.mask_hash != none.mask_hash


@pytest.mark.row("M6")
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "JSON"),
        (b"{", "JSON"),
        (file_with(camera="edgecam_ffffffff"), "drawn for camera edgecam_ffffffff"),
        (file_with(format=2), "format"),
        (file_with(extra=1), "extra"),
        (file_with(masks=[dict(TRIANGLE.model_dump(), polygon=[[0, 0], [1, 1]])]), "at least 3"),
        (
            file_with(masks=[dict(TRIANGLE.model_dump(), polygon=[[0, 0], [1, 1.2], [0, 1]])]),
            "less than or equal to 1",
        ),
        (file_with(masks=[dict(TRIANGLE.model_dump(), polygon=[[0.5, 0.5]] * 3)]), "no area"),
        (file_with(masks=[dict(TRIANGLE.model_dump(), reason="pretty")]), "reason"),
        (file_with(masks=[TRIANGLE.model_dump()] * 65), "at most 64"),
        (
            b'{"format":1,"camera":"edgecam_1a2b3c4d","masks":[{"name":"a","reason":"other","polygon":[[NaN,0],[1,0],[1,1]]}]}',
            "finite",
        ),
    ],
)
def test_a_broken_file_is_refused_with_the_reason(data: bytes, said: str) -> None:
    with pytest.raises(BadInput, match="masks cannot be used") as told:
        decode_mask_set(data, CAMERA)
    assert said in str(told.value)
    assert "recording goes on" in told.value.safe


@pytest.mark.row("M6")
def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No such file"):
        load_mask_set(tmp_path / "masks.json", CAMERA)


@given(
    st.binary()
    | st.recursive(
        st.none() | st.integers() | st.text() | st.floats(), lambda v: st.lists(v) | st.dictionaries(st.text(), v)
    ).map(lambda v: json.dumps(v).encode())
)
def test_any_bytes_are_a_mask_set_or_bad_input(data: bytes) -> None:
    try:
        assert isinstance(decode_mask_set(data, CAMERA), MaskSet)
    except BadInput:
        return
