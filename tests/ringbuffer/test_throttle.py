"""The cap follows the budget; a busy source keeps its floor because of it; what cannot be held is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from ringstand import RamMedium, append, at, make_ring, open_writer

from edgecam.capture.encoder import X264Encoder
from edgecam.core.clock import NS_PER_S
from edgecam.core.frames import Fragment, MaskedFrame, SourceFormat
from edgecam.core.picture import Picture
from edgecam.ringbuffer.format import ErasureReason, GapCause
from edgecam.ringbuffer.rates import Rates
from edgecam.ringbuffer.retention import Retention
from edgecam.ringbuffer.throttle import Throttle
from edgecam.ringbuffer.writer import RingWriter

pytestmark = pytest.mark.row("R2")

FPS, FRAGMENT_S = 2.0, 2.0
FLOOR_S = 1200
RING_SIZE = 19 << 19
# Erased long after their floor, so that only what is written over could be missing.
POLICY = Retention(1, floor_days=FLOOR_S / 86_400)


class BusyCamera:
    """Noise through the real encoder into the real writer, by a clock that is only counted."""

    def __init__(self, *, throttled: bool, size: int = RING_SIZE) -> None:
        self.medium = RamMedium(size)
        make_ring(self.medium, POLICY)
        self.writer: RingWriter = open_writer(self.medium, retention=POLICY)
        self.fragments: list[Fragment] = []
        self.encoder = X264Encoder(
            SourceFormat(128, 96, FPS),
            bit_rate_kbps=300,
            on_fragment=self.fragments.append,
            keyframe_interval_s=FRAGMENT_S,
        )
        self.rates = Rates(highest_kbps=300, least_kbps=32, fps=FPS, fragment_s=FRAGMENT_S)
        self.throttle = Throttle(self.rates, POLICY, self.encoder.set_bit_rate_kbps)
        self.throttled = throttled
        self.youngest_lost_s = float("inf")
        self.caps: list[int] = []
        dice = np.random.default_rng(5)
        self.pictures = [Picture(128, 96) for _ in range(16)]
        for picture in self.pictures:
            picture.buffer[:] = dice.integers(0, 256, picture.buffer.size, np.uint8)

    def record(self, seconds: int) -> None:
        frames = 0
        for second in range(seconds):
            if second % 10 == 0 and self.throttled:
                self.throttle(self.writer, at(second))
                self.caps.append(self.throttle.kbps)
            for _ in range(round(FPS)):
                at_ns = at(frames / FPS).mono_ns
                self.encoder.encode(MaskedFrame(self.pictures[frames % 16], None, at_ns, frames, bytes(32), False))
                frames += 1
            self._commit(second)

    def _commit(self, second: int) -> None:
        for made in self.fragments:
            start = at((made.start_mono_ns - at(0).mono_ns) / NS_PER_S)
            self.writer.append(made, start, 0, GapCause.NONE)
        self.fragments.clear()
        for lost in self.writer.take_erasures():
            assert lost.reason is ErasureReason.OVERWRITTEN
            age_s = (at(second).wall_ns - lost.to_wall_ns) / NS_PER_S
            self.youngest_lost_s = min(self.youngest_lost_s, age_s)


def test_a_busy_source_breaks_the_floor_without_the_throttle_and_keeps_it_with_it() -> None:
    free, held = BusyCamera(throttled=False), BusyCamera(throttled=True)
    for camera in (free, held):
        camera.record(2 * FLOOR_S)
    assert free.youngest_lost_s < 0.5 * FLOOR_S
    assert held.youngest_lost_s >= FLOOR_S
    # It does so by the cap, gently: it starts high, ends where it can stay, never falls below what is sustained.
    sustained = 0.75 * 0.875 * RING_SIZE / FLOOR_S * 8 / 1000
    assert held.caps[0] > 0.6 * max(held.caps)
    assert min(held.caps) > 0.7 * sustained
    assert len(set(held.caps)) < len(held.caps) / 4
    assert held.throttle.fault is None


def test_a_floor_beyond_the_ring_is_a_fault_and_not_a_worse_picture() -> None:
    camera = BusyCamera(throttled=True, size=2 << 20)
    camera.record(60)
    assert set(camera.caps) == {300}
    fault = camera.throttle.fault
    assert fault is not None
    assert fault.code == "retention"
    assert "even at the lowest useful bit rate" in fault.sentence
    assert "GiB" in fault.sentence


def throttle_of(rates: Rates, retention: Retention) -> tuple[Throttle, list[int]]:
    set_to: list[int] = []
    return Throttle(rates, retention, set_to.append), set_to


RATES = Rates(highest_kbps=2000, least_kbps=100, fps=15.0, fragment_s=2.0)


def filled_ring() -> RamMedium:
    """Four mebibytes of footage from two seconds a record, the first of it 460 s old."""
    medium = RamMedium(4 << 20)
    make_ring(medium, Retention(1))
    writer = open_writer(medium, retention=Retention(1))
    for number in range(230):
        append(writer, number, size=16_000)
    return medium


def test_a_ring_filled_too_fast_falls_to_the_least_and_says_what_will_be_missing() -> None:
    longer = Retention(1, floor_days=480 / 86_400)
    writer = open_writer(filled_ring(), now=at(460), retention=longer)
    throttle, set_to = throttle_of(Rates(highest_kbps=2000, least_kbps=32, fps=1.0, fragment_s=2.0), longer)
    throttle(writer, at(460))
    assert set_to == [throttle.kbps] == [32]
    assert throttle.fault is not None
    assert "will be overwritten" in throttle.fault.sentence


def test_a_ring_made_for_a_shorter_policy_says_that_its_table_is_too_small() -> None:
    medium = RamMedium(64 << 20)
    make_ring(medium, Retention(1))
    longer = Retention(30)
    writer = open_writer(medium, retention=longer)
    throttle, _ = throttle_of(Rates(2000, 0, 0.01, 2000.0), longer)
    throttle(writer, at(0))
    assert throttle.fault is not None
    assert "made for a shorter policy" in throttle.fault.sentence


def test_far_from_the_limit_it_looks_once_a_minute() -> None:
    medium = RamMedium(8 << 20)
    policy = Retention(1, floor_days=10 / 86_400)
    make_ring(medium, policy)

    writer = open_writer(medium, retention=policy)
    throttle, set_to = throttle_of(RATES, policy)
    for second in (0, 50, 70):
        # What would make it speak is noticed when it looks, and not before.
        throttle.rates = replace(RATES, least_kbps=50_000 if second else 100)
        throttle(writer, at(second))
        assert (throttle.fault is not None) == (second == 70)
    assert set_to == []


def test_the_picture_that_comes_changes_what_is_least() -> None:
    policy = Retention(1, floor_days=0.5)
    medium = RamMedium(16 << 20)
    make_ring(medium, policy)
    writer = open_writer(medium, retention=policy)
    throttle, _ = throttle_of(RATES, policy)
    throttle(writer, at(0))
    assert throttle.fault is not None
    throttle.rates = Rates(highest_kbps=2000, least_kbps=1, fps=0.1, fragment_s=60.0)
    throttle(writer, at(100))
    assert throttle.fault is None


def test_rates_go_there_and_back() -> None:
    assert RATES.of_video(RATES.on_medium(700)) == pytest.approx(700)
    assert RATES.on_medium(0) == RATES.overhead > 0
