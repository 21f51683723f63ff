"""Civil days: the day somebody wrote, till midnight where they are, whatever the clocks there do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.errors import BadInput
from edgecam.custody.cases.duedays import due_after, fiscal_year, is_past, kept_until

ZONES = [
    "Asia/Seoul", "Asia/Tokyo", "UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Africa/Cairo",
    "Australia/Lord_Howe", "Asia/Kathmandu", "America/Havana", "Asia/Beirut", "Pacific/Kiritimati",
]  # fmt: skip


def at(text: str, zone: str, trust: TimeTrust = TimeTrust.SYNCED) -> Instant:
    moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
    return Instant(round(moment.timestamp()) * NS_PER_S, 5 * NS_PER_S, bytes(16), trust)


def local(wall_ns: int | None, zone: str) -> datetime:
    assert wall_ns is not None
    return datetime.fromtimestamp(wall_ns // NS_PER_S, UTC).astimezone(ZoneInfo(zone))


@pytest.mark.row("G2")
@pytest.mark.parametrize("hour", ["00:00:00", "09:30:00", "23:59:59"])
def test_asked_on_the_third_with_ten_days_the_thirteenth_is_the_last_till_midnight(hour: str) -> None:
    due = due_after(at(f"2026-03-03T{hour}", "Asia/Seoul"), 10, "Asia/Seoul")
    assert local(due, "Asia/Seoul").isoformat() == "2026-03-13T23:59:59+09:00"
    assert due is not None
    assert (due + 1) % NS_PER_S == 0
    assert not is_past(due, Instant(due, 1, bytes(16), TimeTrust.SYNCED))
    assert is_past(due, Instant(due + 1, 1, bytes(16), TimeTrust.SYNCED))


def test_a_month_and_a_leap_day_are_days_as_others() -> None:
    assert local(due_after(at("2028-02-25T12:00:00", "Asia/Tokyo"), 10, "Asia/Tokyo"), "Asia/Tokyo").day == 6


def test_the_zone_decides_which_day_it_is() -> None:
    asked = at("2026-03-03T20:00:00", "UTC")
    assert local(due_after(asked, 10, "Asia/Seoul"), "Asia/Seoul").day == 14
    assert local(due_after(asked, 10, "America/New_York"), "America/New_York").day == 13


@pytest.mark.parametrize(
    ("asked", "zone", "end"),
    [
        ("2026-03-25T12:00:00", "Europe/Berlin", "2026-04-04T23:59:59+02:00"),
        ("2026-10-20T12:00:00", "Europe/Berlin", "2026-10-30T23:59:59+01:00"),
        # The clocks go forward at midnight: that midnight does not exist.
        ("2026-04-13T12:00:00", "Africa/Cairo", "2026-04-23T23:59:59+02:00"),
        # Samoa had no 30 December 2011.
        ("2011-12-24T12:00:00", "Pacific/Apia", "2012-01-04T23:59:59+14:00"),
    ],
)
def test_where_clocks_are_changed_it_is_still_midnight(asked: str, zone: str, end: str) -> None:
    assert local(due_after(at(asked, zone), 10, zone), zone).isoformat() == end


@given(st.datetimes(datetime(2025, 1, 1), datetime(2037, 12, 31)), st.integers(1, 90), st.sampled_from(ZONES))
def test_it_is_always_the_last_moment_of_that_day(asked: datetime, days: int, zone: str) -> None:
    moment = Instant(round(asked.replace(tzinfo=UTC).timestamp()) * NS_PER_S, 1, bytes(16), TimeTrust.SYNCED)
    due = due_after(moment, days, zone)
    assert due is not None
    last = local(moment.wall_ns, zone).date() + timedelta(days=days)
    assert local(due, zone).date() == last
    assert local(due + 1, zone).date() > last


@pytest.mark.row("G9")
@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-04-01T00:00:00", "2032-03-31T23:59:59+09:00"),
        ("2026-11-22T12:00:00", "2032-03-31T23:59:59+09:00"),
        ("2027-03-31T23:59:59", "2032-03-31T23:59:59+09:00"),
        ("2027-04-01T00:00:00", "2033-03-31T23:59:59+09:00"),
    ],
)
def test_five_years_from_the_next_first_of_april(moment: str, end: str) -> None:
    found = kept_until(at(moment, "Asia/Tokyo"), 5, "Asia/Tokyo")
    assert local(found, "Asia/Tokyo").isoformat() == end


@given(st.datetimes(datetime(2025, 1, 1), datetime(2037, 12, 31)), st.integers(0, 30), st.sampled_from(ZONES))
def test_what_is_kept_is_kept_so_many_whole_years_and_less_than_one_more(
    moment: datetime, years: int, zone: str
) -> None:
    wall_ns = round(moment.replace(tzinfo=UTC).timestamp()) * NS_PER_S
    end = kept_until(Instant(wall_ns, 1, bytes(16), TimeTrust.SYNCED), years, zone)
    last, day = local(end, zone).date(), local(wall_ns, zone).date()
    assert (last.month, last.day) == (3, 31)
    assert years <= last.year - day.year <= years + 1
    assert last >= day
    assert fiscal_year(wall_ns, zone) == last.year - years - 1


def test_a_clock_that_was_never_set_ends_nothing() -> None:
    unset = Instant(10**9, 5, bytes(16), TimeTrust.UNSET)
    assert due_after(unset, 10, "Asia/Seoul") is None
    assert kept_until(unset, 5, "Asia/Tokyo") is None
    assert not is_past(None, at("2026-03-03T00:00:00", "UTC"))
    assert not is_past(1, unset)


def test_an_unknown_zone_is_refused_by_name() -> None:
    with pytest.raises(BadInput, match="no time zone 'Mars/Olympus'"):
        due_after(at("2026-03-03T00:00:00", "UTC"), 10, "Mars/Olympus")
