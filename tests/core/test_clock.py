"""Time comes from one place, with its trust."""

import pytest

from edgecam.core.clock import NS_PER_S, SystemClock, TimeTrust, _trust, boot_id, slept_ns


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


def test_sleep_is_a_part_of_the_time_since_boot_and_never_shrinks() -> None:
    slept = [slept_ns() for _ in range(100)]
    assert 0 <= slept[0] <= SystemClock().mono_ns()
    # Reading two clocks takes a moment, which may look like sleep and is none.
    assert max(slept) - min(slept) < NS_PER_S
