"""What a file tells is taken for what it says, or refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.told import octets

pytestmark = pytest.mark.row("G3")


@given(st.binary(max_size=64))
def test_bytes_come_back_from_their_hex(data: bytes) -> None:
    assert octets(data.hex(), len(data)) == data


@pytest.mark.parametrize("value", ["", "0", "00 0", "zz00", "000000", b"0000", 0, None, "０００0"])
def test_all_else_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="hex"):
        octets(value, 2)
