"""The reserve in RAM: at least ten seconds, bounded in fragments and bytes, and what made room is told."""

from __future__ import annotations

import pytest
from ringstand import at, fragment

from edgecam.core.frames import Fragment
from edgecam.ringbuffer.format import GapCause
from edgecam.ringbuffer.reserve import LEAST_S, MOST_SIZE_BYTES, RESERVE, RESERVE_SIZE_BYTES, Reserve, Waiting


def fill(reserve: Reserve, count: int, size: int, duration_s: float) -> list[Fragment]:
    made = []
    template = fragment(0, at(0), size=1).data * size
    for number in range(count):
        start = at(number * duration_s)
        one = fragment(number, start, size=1, duration_s=duration_s)
        made.append(Fragment(one.init, template, one.start_mono_ns, one.end_mono_ns, 1, one.mask_hash, False))
        reserve.put(Waiting(made[-1], GapCause.NONE), lambda: GapCause.MEDIUM)
    return made


def held_s(reserve: Reserve) -> float:
    items = [item for _ in range(len(reserve)) if (item := reserve.take(0)) is not None]
    return (items[-1].fragment.end_mono_ns - items[0].fragment.start_mono_ns) / 1e9


@pytest.mark.row("R9")
@pytest.mark.row("C4")
@pytest.mark.parametrize("duration_s", [0.2, 1.0, 2.0])
@pytest.mark.parametrize(
    "bit_rate_kbps",
    [64, 2_000, 50_000],
)
def test_ten_seconds_are_held_at_any_setting(duration_s: float, bit_rate_kbps: int) -> None:
    reserve = Reserve()
    size = round(bit_rate_kbps * 125 * duration_s)
    made = fill(reserve, 2 * RESERVE, size, duration_s)
    assert len(reserve) <= RESERVE
    assert reserve.given_up == 2 * RESERVE - len(reserve)
    assert len(reserve) * size <= max(RESERVE_SIZE_BYTES, 1.2 * LEAST_S * bit_rate_kbps * 125)
    assert (len(reserve) + 1) * size > RESERVE_SIZE_BYTES or len(reserve) == RESERVE
    assert held_s(reserve) >= LEAST_S
    assert made[-1].end_mono_ns == at(2 * RESERVE * duration_s).mono_ns


def test_memory_comes_before_ten_seconds() -> None:
    reserve = Reserve()
    fill(reserve, 4, MOST_SIZE_BYTES // 3, 1.0)
    assert len(reserve) == 3
    fill(reserve, 1, MOST_SIZE_BYTES + 1, 1.0)
    assert len(reserve) == 1


def test_what_follows_a_fragment_that_made_room_knows_why() -> None:
    reserve = Reserve()
    causes = [GapCause.RESTART, GapCause.NONE, GapCause.SOURCE_LOST, GapCause.NONE]
    for number, cause in enumerate(causes):
        reserve.put(Waiting(fragment(number, at(2 * number)), cause, slept_ns=number), lambda: GapCause.MEDIUM)
    for number in range(4, RESERVE + 2):
        reserve.put(Waiting(fragment(number, at(2 * number)), GapCause.NONE), lambda: GapCause.MEDIUM)
    # What had begun before the medium went away began the gap.
    first = reserve.take(0)
    assert first is not None
    assert (first.cause, first.slept_ns) == (GapCause.RESTART, 2)
    second = reserve.take(0)
    assert second is not None
    assert second.cause is GapCause.NONE
    assert reserve.given_up == 2


def test_a_closed_reserve_gives_what_it_has_and_is_finished() -> None:
    reserve = Reserve()
    reserve.put(Waiting(fragment(0, at(0)), GapCause.NONE), lambda: GapCause.MEDIUM)
    reserve.close()
    assert reserve.closed
    assert not reserve.finished
    assert reserve.take(10) is not None
    assert reserve.take(10) is None
    assert reserve.finished
