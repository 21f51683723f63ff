"""Putting off: a day or a week at a time, four weeks in all, whatever the clock does meanwhile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.appliance.deferral import LONGEST_DAYS, Deferral, PutOff, ended, put_off
from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import NotAllowed

pytestmark = [pytest.mark.row("I2"), pytest.mark.provision("EN303645-5.3-6A"), pytest.mark.provision("CRA-I-2c")]
DAY_NS = 86_400 * NS_PER_S
NOW_NS = 1_795_255_200 * NS_PER_S


@pytest.mark.parametrize(("how", "days"), [(PutOff.DAY, 1), (PutOff.WEEK, 7)])
def test_from_now_on_for_so_long(how: PutOff, days: int) -> None:
    deferral = put_off(None, how, NOW_NS)
    assert deferral == Deferral(NOW_NS, NOW_NS + days * DAY_NS)
    assert deferral.stands(NOW_NS)
    assert deferral.stands(NOW_NS + days * DAY_NS - 1)
    assert not deferral.stands(NOW_NS + days * DAY_NS)


def test_four_weeks_in_all_and_then_no_more() -> None:
    deferral = put_off(None, PutOff.WEEK, NOW_NS)
    for week in range(1, 4):
        deferral = put_off(deferral, PutOff.WEEK, NOW_NS + week * 7 * DAY_NS)
    assert deferral == Deferral(NOW_NS, NOW_NS + LONGEST_DAYS * DAY_NS)
    with pytest.raises(NotAllowed, match="28 days"):
        put_off(deferral, PutOff.DAY, NOW_NS + LONGEST_DAYS * DAY_NS)


def test_the_last_one_ends_with_the_four_weeks() -> None:
    late_ns = NOW_NS + 25 * DAY_NS
    deferral = put_off(Deferral(NOW_NS, late_ns), PutOff.WEEK, late_ns)
    assert deferral.until_wall_ns == deferral.last_wall_ns == NOW_NS + 28 * DAY_NS


def test_ending_it_is_no_way_to_begin_anew() -> None:
    later_ns = NOW_NS + 20 * DAY_NS
    over = ended(put_off(None, PutOff.WEEK, NOW_NS), NOW_NS + DAY_NS)
    assert not over.stands(NOW_NS + DAY_NS)
    assert put_off(over, PutOff.WEEK, later_ns) == Deferral(NOW_NS, later_ns + 7 * DAY_NS)


def test_who_put_nothing_off_for_long_begins_anew() -> None:
    later_ns = NOW_NS + 57 * DAY_NS
    assert put_off(Deferral(NOW_NS, NOW_NS + DAY_NS), PutOff.DAY, later_ns).since_wall_ns == later_ns


def test_a_clock_that_went_back_installs() -> None:
    deferral = put_off(None, PutOff.WEEK, NOW_NS)
    assert not deferral.stands(NOW_NS - 1)
    assert put_off(deferral, PutOff.DAY, 5 * NS_PER_S).since_wall_ns == 5 * NS_PER_S


_WHEN = st.integers(0, 1 << 62)


@given(_WHEN, _WHEN, _WHEN)
def test_no_note_puts_off_for_longer_than_four_weeks(since: int, until: int, now: int) -> None:
    if Deferral(since, until).stands(now):
        assert since <= now < since + LONGEST_DAYS * DAY_NS
        assert not Deferral(since, until).stands(since + LONGEST_DAYS * DAY_NS)


@given(_WHEN, _WHEN, _WHEN, st.sampled_from(PutOff))
def test_whatever_stood_before_it_ends_within_its_time(since: int, until: int, now: int, how: PutOff) -> None:
    try:
        deferral = put_off(Deferral(since, until), how, now)
    except NotAllowed:
        return
    assert now < deferral.until_wall_ns <= now + how.ns
    assert deferral.stands(now)
