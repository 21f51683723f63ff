"""What is known of the aim goes from process to process; any bytes are a reading or a loss."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.aim import NO_AIM, PACKED_SIZE, AimReading, AimState, decode_aim_reading
from edgecam.core.errors import DataLoss

NUMBERS = st.floats(width=32, allow_nan=False)


@pytest.mark.row("M4")
@given(st.sampled_from(AimState), st.lists(NUMBERS, min_size=8, max_size=8))
def test_a_reading_comes_back_as_it_was(state: AimState, numbers: list[float]) -> None:
    told = AimReading(state, *numbers)
    assert decode_aim_reading(told.encode()) == told
    assert len(told.encode()) == PACKED_SIZE


@pytest.mark.row("M4")
@given(st.binary(max_size=80) | st.binary(min_size=PACKED_SIZE, max_size=PACKED_SIZE))
def test_any_bytes_are_a_reading_or_a_loss(data: bytes) -> None:
    with suppress(DataLoss):
        assert isinstance(decode_aim_reading(data).state, AimState)


def test_without_a_guard_nothing_is_known() -> None:
    assert NO_AIM.state is AimState.UNGUARDED


def test_where_it_went_is_told_in_words() -> None:
    aim = AimReading(AimState.MOVED, right=-0.073, down=0.02, turned_deg=-1.2, zoom=1.02)
    assert aim.went() == (
        "7.3 % of the width to the left, 2.0 % of the width down, turned by 1.2 degrees to the left, "
        "enlarged by 2.0 %"
    )
    assert AimReading(AimState.MOVED).went() == "somewhere else"
