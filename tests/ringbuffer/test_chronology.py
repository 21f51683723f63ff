"""Ages from clocks that lie: nothing early, whatever they say; nothing late once they can be trusted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ringstand import DAY_S, at

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.ringbuffer.chronology import date

pytestmark = pytest.mark.row("R8")
YEAR_S = 365 * DAY_S
UNSET, RESTORED, SYNCED = TimeTrust


def ages_s(stamps: list[Instant], now: Instant) -> list[float]:
    return [dated.age_ns / NS_PER_S for dated in date(stamps, now)]


def likely_s(stamps: list[Instant], now: Instant) -> list[float | None]:
    """The likely moments in seconds of the story."""
    told = [dated.likely_wall_ns for dated in date(stamps, now)]
    return [None if wall_ns is None else (wall_ns - at(0).wall_ns) / NS_PER_S for wall_ns in told]


@pytest.mark.parametrize("leap_s", [0, 10 * YEAR_S, -10 * YEAR_S, 3600, -3600])
@pytest.mark.parametrize("trust", TimeTrust)
def test_within_a_boot_only_the_boot_clock_counts(leap_s: float, trust: TimeTrust) -> None:
    stamps = [at(0), at(600, leap_s=leap_s, trust=trust)]
    assert ages_s(stamps, at(1000, leap_s=leap_s, trust=trust)) == [1000, 400]


def test_across_boots_synchronised_wall_time_counts() -> None:
    stamps = [at(0), at(600), at(5000, boot=1, booted_s=4990)]
    assert ages_s(stamps, at(5100, boot=1, booted_s=4990)) == [5100, 4500, 100]


@pytest.mark.parametrize("leap_s", [0, DAY_S, -DAY_S, YEAR_S, -YEAR_S])
def test_a_restored_clock_ages_nothing_across_boots_whatever_it_says(leap_s: float) -> None:
    stamps = [at(0), at(600)]
    lying = at(5000, boot=1, booted_s=4990, trust=RESTORED, leap_s=leap_s)
    assert ages_s([*stamps, lying], at(5100, boot=1, booted_s=4990, trust=RESTORED, leap_s=leap_s)) == [
        600 + 110,
        110,
        100,
    ]
    assert ages_s([*stamps, lying], at(9000, boot=2, booted_s=8990)) == [9000, 8400, 10]


def test_an_unset_clock_counts_the_time_the_camera_was_on() -> None:
    stamps = [at(0), at(600)]
    now = at(9000, boot=1, booted_s=8000, trust=UNSET, leap_s=-57 * YEAR_S)
    assert ages_s(stamps, now) == [600 + 1000, 1000]


def test_footage_of_an_unset_clock_is_dated_once_that_boot_is_synchronised() -> None:
    stamps = [at(0, trust=UNSET, leap_s=-57 * YEAR_S), at(600), at(5000, boot=1, booted_s=4990)]
    now = at(5100, boot=1, booted_s=4990)
    assert ages_s(stamps, now) == [5100, 4500, 100]
    assert [dated.wall_ns for dated in date(stamps, now)] == [at(s).wall_ns for s in (0, 600, 5000)]
    assert likely_s(stamps, now) == [0, 600, 5000]


def test_footage_of_a_boot_that_never_knew_the_time_is_as_old_as_what_came_after_it() -> None:
    stamps = [
        at(0, trust=UNSET, leap_s=-57 * YEAR_S),
        at(9000, boot=1, booted_s=8990),
    ]
    assert ages_s(stamps, at(9000 + 13 * DAY_S, boot=1, booted_s=8990))[0] == 13 * DAY_S + 10


def test_a_leap_within_the_boot_does_not_age_footage_of_an_earlier_one() -> None:
    stamps = [at(0), at(5000, boot=1, booted_s=4990)]
    for leap_s in (10 * YEAR_S, -10 * YEAR_S):
        assert ages_s(stamps, at(5100, boot=1, booted_s=4990, leap_s=leap_s)) == [5100, 100]


def test_a_clock_that_is_set_right_by_synchronising_is_followed() -> None:
    behind_s = -3 * DAY_S
    stamps = [at(0), at(3 * DAY_S, boot=1, booted_s=3 * DAY_S - 9, trust=RESTORED, leap_s=behind_s)]
    restored = at(3 * DAY_S + 60, boot=1, booted_s=3 * DAY_S - 9, trust=RESTORED, leap_s=behind_s)
    synced = at(3 * DAY_S + 90, boot=1, booted_s=3 * DAY_S - 9)
    assert ages_s(stamps, restored)[0] == pytest.approx(69)
    assert ages_s(stamps, synced)[0] == pytest.approx(3 * DAY_S + 90)


@pytest.mark.parametrize("leap_s", [10 * YEAR_S, -10 * YEAR_S, 3600, -3600])
def test_a_leap_while_synchronised_neither_ages_footage_nor_keeps_it_young(leap_s: float) -> None:
    stamps = [at(0), at(600, leap_s=leap_s)]
    assert ages_s(stamps, at(9000, boot=1, booted_s=8990)) == [9000, 8400]


def test_footage_dated_in_the_future_still_ages() -> None:
    stamps = [at(0, leap_s=10 * YEAR_S), at(9000, boot=1, booted_s=8990)]
    assert ages_s(stamps, at(9000 + 15 * DAY_S, boot=1, booted_s=8990))[0] >= 15 * DAY_S


def test_a_boot_whose_restored_clock_lags_is_not_aged_by_it() -> None:
    stamps = [at(0), at(5000, boot=1, booted_s=4990, trust=RESTORED, leap_s=-YEAR_S)]
    ages = ages_s(stamps, at(6000, boot=2, booted_s=5990))
    assert ages == [6000, 10]


def test_a_lagging_boot_is_told_to_come_after_what_came_before_it() -> None:
    lag = {"trust": RESTORED, "leap_s": -3000}
    stamps = [at(0), at(5000, boot=1, booted_s=4990, **lag), at(5600, boot=1, booted_s=4990, **lag)]  # type: ignore[arg-type]
    assert likely_s(stamps, at(6000, boot=1, booted_s=4990, **lag)) == [0, 2000, 2600]  # type: ignore[arg-type]
    behind = [at(3000), *stamps[1:]]
    assert likely_s(behind, at(6000, boot=1, booted_s=4990, **lag)) == [3000, 3010, 3610]  # type: ignore[arg-type]
    assert likely_s(stamps, at(6000, boot=1, booted_s=4990)) == [0, 5000, 5600]


def test_a_boot_whose_restored_clock_leads_is_told_to_come_before_what_came_after_it() -> None:
    stamps = [at(0), at(5000, boot=1, booted_s=4990, trust=RESTORED, leap_s=YEAR_S)]
    assert likely_s(stamps, at(9000, boot=2, booted_s=8990)) == [0, 8990]


def test_what_was_recorded_before_the_first_synchronisation_of_its_boot_is_told_exactly() -> None:
    early = at(0, trust=UNSET, leap_s=-57 * YEAR_S)
    assert likely_s([early], at(30, trust=UNSET, leap_s=-57 * YEAR_S)) == [None]
    assert likely_s([early], at(30, trust=RESTORED)) == [0]
    assert likely_s([early, at(600)], at(9000, boot=1, booted_s=8990, trust=UNSET)) == [0, 600]


def test_a_clock_that_lost_its_server_is_told_as_it_was_synchronised() -> None:
    stamps = [at(0), at(600, trust=RESTORED, leap_s=DAY_S)]
    assert likely_s(stamps, at(700, trust=RESTORED, leap_s=DAY_S)) == [0, 600]


def test_without_a_synchronised_clock_no_civil_day_is_taken_from_it() -> None:
    stamps = [at(0, trust=RESTORED)]
    assert [dated.wall_ns for dated in date(stamps, at(600, trust=RESTORED))] == [None]
    assert [dated.wall_ns for dated in date(stamps, at(600))] == [at(0).wall_ns]


def instants() -> st.SearchStrategy[Instant]:
    return st.builds(
        Instant,
        st.integers(-(2**60), 2**60),
        st.integers(0, 2**60),
        st.sampled_from([b"a" * 16, b"b" * 16, b"c" * 16]),
        st.sampled_from(TimeTrust),
    )


@given(st.lists(instants(), max_size=12), instants())
def test_any_stamps_are_dated_and_what_came_later_is_not_older(stamps: list[Instant], now: Instant) -> None:
    ages = [dated.age_ns for dated in date(stamps, now)]
    assert len(ages) == len(stamps)
    assert all(age >= 0 for age in ages)
    assert ages == sorted(ages, reverse=True)


@st.composite
def honest_lives(draw: st.DrawFn) -> tuple[list[float], list[Instant], Instant]:
    """A camera whose clock is right whenever it is trusted, through boots and power cuts; true times beside it."""
    true_s, stamps, seconds, boot = list[float](), list[Instant](), 0.0, 0
    for _ in range(draw(st.integers(1, 5))):
        boot += 1
        seconds += draw(st.integers(1, 5 * DAY_S))
        booted_s, knows = seconds, draw(st.sampled_from([UNSET, RESTORED, SYNCED]))
        for _ in range(draw(st.integers(1, 4))):
            seconds += draw(st.integers(1, DAY_S))
            leap_s = 0 if knows != UNSET else -57 * YEAR_S
            stamps.append(at(seconds, boot, booted_s, knows, leap_s))
            true_s.append(seconds)
    seconds += 1
    trust = draw(st.sampled_from([RESTORED, SYNCED])) if knows != UNSET else SYNCED
    return true_s, stamps, at(seconds, boot, booted_s, max(trust, knows))


@given(honest_lives())
def test_an_honest_clock_never_makes_footage_older_than_it_is(
    life: tuple[list[float], list[Instant], Instant],
) -> None:
    true_s, stamps, now = life
    now_s = (now.wall_ns - at(0).wall_ns) / NS_PER_S
    for age_s, then_s, stamp in zip(ages_s(stamps, now), true_s, stamps, strict=True):
        assert age_s <= now_s - then_s + 1e-6
        if stamp.trust == SYNCED and now.trust == SYNCED:
            assert age_s == pytest.approx(now_s - then_s)
