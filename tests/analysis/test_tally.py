from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.analysis.tally import DayTally
from edgecam.core.errors import DataLoss

DAY = 739_677


def filled(seed: int) -> DayTally:
    rng = np.random.default_rng(seed)
    tally = DayTally.begin(DAY, ["door", "뒷문"])
    tally.counts[:] = rng.integers(0, 60, tally.counts.shape)
    tally.stays[:] = rng.integers(0, 20, tally.stays.shape)
    tally.most[:] = rng.integers(0, 9, tally.most.shape)
    tally.visits[:] = rng.poisson(0.2, tally.visits.shape)
    tally.heat_s[:] = tally.visits * 3.5
    tally.watched_s[:] = 3600
    tally.present_s[:] = tally.counts * 20
    tally.lines["door"][:] = rng.integers(0, 30, (2, 24))
    return tally


_ENCODED = filled(1).encode()


def test_a_tally_survives_its_bytes() -> None:
    tally = filled(1)
    again = DayTally.decode(tally.encode())
    assert again.encode() == tally.encode()
    assert again.day == DAY
    assert list(again.lines) == ["door", "뒷문"]
    assert np.array_equal(again.counts, tally.counts)
    assert np.array_equal(again.heat_s, tally.heat_s)


def test_two_parts_of_a_day_add_up() -> None:
    whole, more = filled(1), filled(2)
    before = whole.counts.copy()
    more.lines["gate"] = np.ones((2, 24), "<u4")
    whole.add(more)
    assert np.array_equal(whole.counts, before + more.counts)
    assert np.array_equal(whole.most, np.maximum(filled(1).most, more.most))
    assert whole.lines["gate"].sum() == 48
    assert whole.watched_s[0] == 7200


def test_counts_stay_at_their_top() -> None:
    tally = filled(1)
    for _ in range(32):
        tally.add(replace(tally, heat_s=tally.heat_s.copy()))
    assert int(tally.counts.max()) == 2**31 - 1


@given(st.binary(max_size=300) | st.binary(max_size=60).map(lambda rest: b"EDGETLY1" + rest))
def test_any_bytes_are_a_tally_or_data_loss(data: bytes) -> None:
    with pytest.raises(DataLoss):
        DayTally.decode(data)


@given(st.data())
def test_a_damaged_tally_is_told(data: st.DataObject) -> None:
    told = bytearray(_ENCODED)
    told[data.draw(st.integers(0, len(told) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(DataLoss):
        DayTally.decode(bytes(told))
