"""A span is forwards, not empty, not longer than allowed, or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.errors import BadInput
from edgecam.web.span import LONGEST_PLAYED_MS, span


@given(st.integers(), st.integers())
def test_any_numbers_make_a_span_or_a_refusal(from_ms: int, to_ms: int) -> None:
    if 0 < to_ms - from_ms <= LONGEST_PLAYED_MS:
        made = span(from_ms, to_ms, LONGEST_PLAYED_MS)
        assert (made.from_wall_ns, made.to_wall_ns) == (from_ms * 1_000_000, to_ms * 1_000_000)
    else:
        with pytest.raises(BadInput):
            span(from_ms, to_ms, LONGEST_PLAYED_MS)


@given(st.integers(0, 10**12), st.integers(1, LONGEST_PLAYED_MS))
def test_every_allowed_length_is_taken(from_ms: int, length_ms: int) -> None:
    made = span(from_ms, from_ms + length_ms, LONGEST_PLAYED_MS)
    assert made.to_wall_ns - made.from_wall_ns == length_ms * 1_000_000
