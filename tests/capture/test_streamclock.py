from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edgecam.capture.streamclock import StreamClock
from edgecam.core.clock import NS_PER_S

FRAME_NS = NS_PER_S // 15


def test_jitter_of_the_network_does_not_reach_the_frame_times() -> None:
    times, late = StreamClock(), np.random.default_rng(1).integers(0, 60_000_000, 300)
    placed = [
        times.captured(10**12 + number * FRAME_NS + int(late[number]), 5 + number * FRAME_NS / NS_PER_S)
        for number in range(300)
    ]
    steps = np.diff(placed[100:])
    assert np.abs(steps - FRAME_NS).max() < 4_000_000
    assert abs(placed[-1] - (10**12 + 299 * FRAME_NS)) < 30_000_000


def test_a_camera_clock_that_runs_wrong_is_followed() -> None:
    times, wrong = StreamClock(), 1 - 200e-6
    count = 15 * 3600
    for number in range(count):
        placed = times.captured(number * FRAME_NS + 10**12, number * FRAME_NS * wrong / NS_PER_S)
    assert abs(placed - (10**12 + (count - 1) * FRAME_NS)) < 50_000_000


def test_a_jump_of_the_camera_s_clock_is_taken_over_at_once() -> None:
    times = StreamClock()
    times.captured(10**12, 1000.0)
    assert times.captured(10**12 + FRAME_NS, 3.0) == 10**12 + FRAME_NS


def test_without_the_camera_s_time_arrival_counts() -> None:
    assert StreamClock().captured(12345, None) == 12345


@given(st.lists(st.tuples(st.integers(0, 2**50), st.none() | st.floats(-1e6, 1e6)), max_size=30))
def test_times_always_rise(arrivals: list[tuple[int, float | None]]) -> None:
    times = StreamClock()
    placed = [times.captured(arrived, stream_s) for arrived, stream_s in arrivals]
    assert placed == sorted(set(placed))
