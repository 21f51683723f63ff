"""A hold ends when it is to end: never early because a clock leapt, never late once the time is known."""

from __future__ import annotations

from dataclasses import replace

import pytest
from holdstand import DAY_NS, planned, record_for, ring_with
from hypothesis import example, given
from hypothesis import strategies as st
from ringstand import DAY_S, at

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.ringbuffer.format import EpochSlot
from edgecam.ringbuffer.holdrecord import HoldRecord
from edgecam.ringbuffer.lifetime import hold_age_ns
from edgecam.ringbuffer.reader import RingReader

pytestmark = [pytest.mark.row("R4"), pytest.mark.row("R8")]

RING, _ = ring_with(12)
SLOT = RingReader(RING).epochs()[0]
RECORD = record_for(planned(RING, 0, 24), RING)
TEN_YEARS_S = 3650 * DAY_S
TRUSTS = st.sampled_from(list(TimeTrust))


def epochs_at(*moments: Instant, first: int = 0) -> list[EpochSlot]:
    return [replace(SLOT, epoch=first + i, start=moment) for i, moment in enumerate(moments)]


def made_at(moment: Instant, newest_epoch: int) -> HoldRecord:
    return replace(RECORD, created=moment, newest_epoch=newest_epoch)


@given(
    st.floats(0, 400 * DAY_S),
    st.floats(-TEN_YEARS_S, TEN_YEARS_S),
    TRUSTS,
    TRUSTS,
    st.lists(st.floats(-TEN_YEARS_S, TEN_YEARS_S), max_size=4),
)
@example(3600.0, TEN_YEARS_S, TimeTrust.SYNCED, TimeTrust.SYNCED, [])
def test_in_one_boot_the_age_is_the_time_passed_whatever_the_clock_says(
    passed_s: float, leap_s: float, before: TimeTrust, after: TimeTrust, leaps_s: list[float]
) -> None:
    made = made_at(at(1000, trust=before), 0)
    between = [
        at(1000 + passed_s * (i + 1) / (len(leaps_s) + 1), trust=after, leap_s=leap)
        for i, leap in enumerate(leaps_s)
    ]
    now = at(1000 + passed_s, trust=after, leap_s=leap_s)
    age_ns = hold_age_ns(made, epochs_at(at(0, trust=before), *between), now)
    assert abs(age_ns - passed_s * NS_PER_S) < NS_PER_S


@given(st.floats(1, 400 * DAY_S), st.floats(1, 5 * DAY_S), TRUSTS)
def test_over_boots_a_synchronised_clock_tells_the_age(off_s: float, on_s: float, between: TimeTrust) -> None:
    """Made and asked with synchronised clocks: what the camera slept through counts, to the second."""
    made = made_at(at(1000), 0)
    began_s = 1100 + off_s
    epochs = epochs_at(at(0), at(began_s + 1, boot=1, booted_s=began_s, trust=between))
    now = at(began_s + 1 + on_s, boot=1, booted_s=began_s)
    age_ns = hold_age_ns(made, epochs, now)
    assert abs(age_ns - (now.wall_ns - made.created.wall_ns)) < NS_PER_S


@given(st.floats(60, 5 * DAY_S), st.floats(DAY_S, TEN_YEARS_S))
def test_a_leap_inside_a_later_boot_ends_nothing(on_s: float, leap_s: float) -> None:
    """The boot's first synchronised stamp stands: a leap of ten years under the same trust is not followed."""
    made = made_at(at(1000), 0)
    epochs = epochs_at(at(0), at(2001, boot=1, booted_s=2000))
    now = at(2001 + on_s, boot=1, booted_s=2000, leap_s=leap_s)
    assert abs(hold_age_ns(made, epochs, now) - (1001 + on_s) * NS_PER_S) < NS_PER_S


@given(
    st.floats(0, 5 * DAY_S), st.floats(DAY_S, TEN_YEARS_S), st.sampled_from([TimeTrust.UNSET, TimeTrust.RESTORED])
)
def test_a_clock_that_is_not_synchronised_ends_nothing_early(on_s: float, leap_s: float, trust: TimeTrust) -> None:
    made = made_at(at(1000), 0)
    now = at(2000 + on_s, boot=1, booted_s=2000, trust=trust, leap_s=leap_s)
    assert hold_age_ns(made, epochs_at(at(0)), now) <= (1000 + on_s) * NS_PER_S + NS_PER_S


@given(st.floats(1, 400 * DAY_S), st.floats(1, DAY_S))
def test_made_before_the_clock_was_ever_set_it_counts_at_least_the_time_that_the_camera_was_on(
    off_s: float, on_s: float
) -> None:
    made = made_at(at(1000, trust=TimeTrust.UNSET, leap_s=-TEN_YEARS_S), 0)
    began_s = 1100 + off_s
    epochs = epochs_at(at(0, trust=TimeTrust.UNSET, leap_s=-TEN_YEARS_S), at(began_s + 1, boot=1, booted_s=began_s))
    now = at(began_s + 1 + on_s, boot=1, booted_s=began_s)
    assert hold_age_ns(made, epochs, now) >= (1 + on_s) * NS_PER_S - NS_PER_S


def test_set_right_in_the_same_boot_a_later_boot_knows_all_of_it() -> None:
    """Unset when it was made, synchronised an hour later, off for a month: nothing is kept late."""
    made = made_at(at(1000, trust=TimeTrust.UNSET, leap_s=-TEN_YEARS_S), 0)
    epochs = epochs_at(
        at(0, trust=TimeTrust.UNSET, leap_s=-TEN_YEARS_S),
        at(4600),
        at(30 * DAY_S, boot=1, booted_s=30 * DAY_S - 60),
    )
    now = at(31 * DAY_S, boot=1, booted_s=30 * DAY_S - 60)
    assert abs(hold_age_ns(made, epochs, now) - (31 * DAY_NS - 1000 * NS_PER_S)) < 2 * NS_PER_S


def test_in_a_ring_made_anew_all_epochs_are_later() -> None:
    made = made_at(at(1000), 500)
    other = [
        replace(slot, ring_id=b"another ring....") for slot in epochs_at(at(5 * DAY_S, boot=1, booted_s=5 * DAY_S))
    ]
    now = at(6 * DAY_S, boot=1, booted_s=5 * DAY_S)
    assert hold_age_ns(made, other, now) == 6 * DAY_NS - 1000 * NS_PER_S


@given(st.lists(st.tuples(st.floats(-1e8, 1e8), st.integers(0, 3), TRUSTS), max_size=6), st.integers(-1, 7))
def test_any_stamps_give_an_age(stamps: list[tuple[float, int, TimeTrust]], newest: int) -> None:
    moments = [Instant(round(s * NS_PER_S), abs(round(s)) * NS_PER_S, bytes([b]) * 16, t) for s, b, t in stamps]
    assert isinstance(hold_age_ns(made_at(at(0), newest), epochs_at(*moments), at(1)), int)
