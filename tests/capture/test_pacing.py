from __future__ import annotations

from edgecam.capture.pacing import Pacer
from edgecam.core.clock import NS_PER_S, Instant, TimeTrust


class SetClock:
    """Time as a test sets it; sleeping moves it on."""

    def __init__(self) -> None:
        self.now_ns = 100 * NS_PER_S
        self.slept_s = 0.0

    def now(self) -> Instant:
        return Instant(self.now_ns, self.now_ns, bytes(16), TimeTrust.SYNCED)

    def mono_ns(self) -> int:
        return self.now_ns

    def sleep(self, duration_s: float) -> None:
        self.slept_s += duration_s
        self.now_ns += round(duration_s * NS_PER_S)


def test_in_real_time_a_frame_comes_when_it_is_due() -> None:
    clock = SetClock()
    pacer = Pacer(clock, realtime=True)
    assert pacer.wait(0, lambda: False) == 100 * NS_PER_S
    assert pacer.wait(3 * NS_PER_S, lambda: False) == 103 * NS_PER_S
    assert clock.now_ns == 103 * NS_PER_S


def test_as_fast_as_possible_time_is_the_media_s() -> None:
    clock = SetClock()
    pacer = Pacer(clock, realtime=False)
    assert pacer.wait(7 * NS_PER_S, lambda: False) == 107 * NS_PER_S
    assert clock.slept_s == 0


def test_a_little_late_keeps_the_beat_and_very_late_jumps() -> None:
    clock = SetClock()
    pacer = Pacer(clock, realtime=True)
    clock.now_ns += NS_PER_S // 2
    assert pacer.wait(0, lambda: False) == 100 * NS_PER_S
    clock.now_ns += 60 * NS_PER_S
    late_ns = clock.now_ns
    assert pacer.wait(NS_PER_S, lambda: False) == late_ns
    assert pacer.wait(2 * NS_PER_S, lambda: False) == late_ns + NS_PER_S


def test_a_stop_is_heard_while_waiting() -> None:
    clock = SetClock()
    pacer = Pacer(clock, realtime=True)
    pacer.wait(3600 * NS_PER_S, lambda: clock.slept_s >= 1)
    assert clock.slept_s < 1.5
