from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.capture.annexb import parameter_sets, units
from edgecam.core.errors import DataLoss

SPS, PPS, IDR = b"\x67\x42\x00\x1f", b"\x68\xce\x38\x80", b"\x65\x88\x84\x21"
# Start codes cannot stand inside a unit, and no unit ends in zero.
bodies = st.binary(min_size=1, max_size=40).map(lambda body: body.replace(b"\x00", b"\x01"))


@given(st.lists(bodies, max_size=8), st.booleans())
def test_units_are_found_behind_both_start_codes(wanted: list[bytes], long: bool) -> None:
    code = b"\x00\x00\x00\x01" if long else b"\x00\x00\x01"
    assert list(units(b"".join(code + unit for unit in wanted))) == wanted


def test_parameter_sets_are_picked_out_of_the_first_picture() -> None:
    stream = b"".join(b"\x00\x00\x00\x01" + unit for unit in (b"\x09\xf0", SPS, PPS, IDR))
    assert parameter_sets(stream) == b"\x00\x00\x00\x01" + SPS + b"\x00\x00\x00\x01" + PPS


@given(st.binary(max_size=200))
def test_any_bytes_have_parameter_sets_or_are_refused(data: bytes) -> None:
    try:
        found = list(units(parameter_sets(data)))
    except DataLoss:
        return
    assert [unit[0] & 0x1F for unit in found] == [7, 8]


@pytest.mark.parametrize("kept", [(SPS,), (PPS,), (IDR,), ()])
def test_a_missing_set_is_told(kept: tuple[bytes, ...]) -> None:
    with pytest.raises(DataLoss, match="parameter sets"):
        parameter_sets(b"".join(b"\x00\x00\x01" + unit for unit in kept))
