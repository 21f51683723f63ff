"""Time comes from one place, with its trust."""

import pytest

from edgecam.core.clock import NS_PER_S, SystemClock, TimeTrust, _trust, boot_id


def test_now_tells_wall_and_boot_time() -> None:
    clock = SystemClock()
    first, second = clock.now(), clock.now()
    assert second.mono_ns >= first.mono_ns
    assert first.boot_id == boot_id() == second.boot_id
    assert len(first.boot_id) == 16


@pytest.mark.row("R8")
@pytest.mark.parametrize("wall_s", [0, 1_000_000, 1_600_000_000])
def test_a_clock_before_the_first_edgecam_was_never_set(wall_s: int) -> None:
    assert _trust(wall_s * NS_PER_S) is TimeTrust.UNSET


def test_a_clock_of_today_is_at_least_restored() -> None:
    assert _trust(1_790_000_000 * NS_PER_S) >= TimeTrust.RESTORED
