"""The bucket fills with what was coded, drains at the cap, and never runs below empty."""

from __future__ import annotations

import pytest

from edgecam.capture.vbv import BufferModel


def test_what_is_used_is_a_part_of_the_buffer_of_whoever_asks() -> None:
    bucket = BufferModel(2.0, 100_000_000)
    assert bucket.used(400) == 0
    bucket.add(55_000, 400)  # 440 kbit, of which 40 drain
    assert bucket.used(400) == pytest.approx(0.5)
    assert bucket.used(800) == pytest.approx(0.25)
    assert bucket.used(100) == 1


def test_it_drains_at_the_cap_and_rest_saves_nothing_up() -> None:
    bucket = BufferModel(2.0, 100_000_000)
    bucket.add(55_000, 400)
    for _ in range(5):
        bucket.add(0, 400)
    assert bucket.used(400) == pytest.approx(0.25)
    for _ in range(50):
        bucket.add(0, 400)
    bucket.add(5_000, 400)
    assert bucket.used(400) == 0
