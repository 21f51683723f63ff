"""The presets count as their sources say: hours, or civil days from the day after recording."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import BadInput
from edgecam.ringbuffer.retention import NS_PER_DAY, PRESETS, Retention

pytestmark = pytest.mark.row("R1")


def wall_ns(text: str, zone: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * NS_PER_S


@pytest.mark.parametrize(("preset", "days"), [("kumagaya", 14), ("gwangju", 15), ("daejeon", 30)])
def test_days_of_24_hours(preset: str, days: int) -> None:
    assert PRESETS[preset].due_wall_ns(1000) == 1000 + days * NS_PER_DAY
    assert PRESETS[preset].life_ns(None) == days * NS_PER_DAY


@pytest.mark.parametrize("recorded", ["2027-04-01T00:00:00", "2027-04-01T12:00:00", "2027-04-01T23:59:59"])
def test_inzai_counts_twenty_days_from_the_day_after(recorded: str) -> None:
    due = PRESETS["inzai"].due_wall_ns(wall_ns(recorded, "Asia/Tokyo"))
    assert due == wall_ns("2027-04-22T00:00:00", "Asia/Tokyo")


@pytest.mark.parametrize(
    ("zone", "recorded", "due"),
    [
        ("Europe/Berlin", "2027-03-27T12:00:00", "2027-03-30T00:00:00"),  # a day of 23 hours lies between
        ("Europe/Berlin", "2027-10-30T12:00:00", "2027-11-02T00:00:00"),  # one of 25
        ("Africa/Cairo", "2027-04-27T12:00:00", "2027-04-30T01:00:00"),  # that midnight does not exist
        ("America/Havana", "2027-11-04T12:00:00", "2027-11-07T00:00:00"),  # that one comes twice: the first
    ],
)
def test_civil_days_through_changes_of_the_clocks(zone: str, recorded: str, due: str) -> None:
    assert Retention(2, zone).due_wall_ns(wall_ns(recorded, zone)) == wall_ns(due, zone)


@given(
    st.integers(0, 4_000_000_000),
    st.integers(1, 60),
    st.sampled_from(["Asia/Tokyo", "Asia/Seoul", "Europe/Berlin", "America/Havana", "Australia/Lord_Howe"]),
)
def test_a_civil_life_lies_between_its_bounds(recorded_s: int, days: int, zone: str) -> None:
    retention = Retention(days, zone)
    assert retention.shortest_ns <= retention.life_ns(recorded_s * NS_PER_S) <= retention.longest_ns
    assert retention.life_ns(None) == retention.longest_ns


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_stamp_that_a_record_can_hold_has_a_life(stamp_ns: int) -> None:
    assert Retention(20, "Asia/Tokyo").life_ns(stamp_ns) > 20 * NS_PER_DAY - NS_PER_S


ODD_ZONES = [
    "Asia/Tokyo",
    "Europe/Berlin",
    "America/Havana",
    "Africa/Cairo",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kwajalein",
    "Asia/Pyongyang",
]


@given(st.integers(1, 2_100_000_000), st.integers(1, 5), st.sampled_from(ODD_ZONES))
@example(1_325_150_000, 2, "Pacific/Apia")  # the 29th of December 2011; the 30th never was
@example(1_325_150_000, 1, "Pacific/Apia")
@example(1_325_230_000, 1, "Pacific/Apia")
@example(745_900_000, 2, "Pacific/Kwajalein")
def test_due_is_the_midnight_after_n_whole_civil_days(recorded_s: int, days: int, zone: str) -> None:
    """Against a calendar that is walked minute by minute: what days there really were, and when each began."""
    tz = ZoneInfo(zone)
    due_s, rest = divmod(Retention(days, zone).due_wall_ns(recorded_s * NS_PER_S), NS_PER_S)
    assert rest == 0
    recorded = datetime.fromtimestamp(recorded_s, tz).date()
    lived: list[date] = []
    second = recorded_s - recorded_s % 60
    # Never a minute after: the minute before, the last of these days had not ended, or clocks went over it twice.
    while second < due_s:
        day = datetime.fromtimestamp(second, tz).date()
        if day > recorded and day not in lived:
            lived.append(day)
        second += 60
    assert len(lived) == days
    assert datetime.fromtimestamp(due_s, tz).date() > max(lived)
    assert datetime.fromtimestamp(due_s - 1, tz).date() == max(lived)


@given(st.integers(1, 2_100_000_000), st.integers(1, 60), st.sampled_from(ODD_ZONES))
def test_no_civil_life_is_shorter_than_the_days_that_follow_the_day_of_recording(
    recorded_s: int, days: int, zone: str
) -> None:
    """In what clocks changes leave of them: never less than 24 hours each, but for the hours that were skipped."""
    retention = Retention(days, zone)
    assert retention.shortest_ns <= retention.life_ns(recorded_s * NS_PER_S) <= retention.longest_ns


def test_the_floor_is_the_ceiling_unless_the_source_says_otherwise() -> None:
    assert PRESETS["inzai"].floor_ns == 14 * NS_PER_DAY
    for preset in ("kumagaya", "gwangju", "daejeon"):
        assert PRESETS[preset].floor_ns == PRESETS[preset].shortest_ns == PRESETS[preset].longest_ns
    assert Retention(10, "Asia/Tokyo").floor_ns == Retention(10, "Asia/Tokyo").shortest_ns
    assert Retention(10, floor_days=2.5).floor_ns == round(2.5 * NS_PER_DAY)


@pytest.mark.parametrize("floor_days", [0, -1, 14.1, float("nan")])
def test_a_floor_above_the_ceiling_is_refused(floor_days: float) -> None:
    with pytest.raises(BadInput, match="at least"):
        Retention(14, floor_days=floor_days)


def test_the_same_civil_day() -> None:
    tokyo = Retention(20, "Asia/Tokyo")
    late, later = wall_ns("2027-04-01T23:59:59", "Asia/Tokyo"), wall_ns("2027-04-02T00:00:00", "Asia/Tokyo")
    assert tokyo.same_day(late - NS_PER_DAY // 2, late)
    assert not tokyo.same_day(late, later)
    assert Retention(14).same_day(late, later)


@pytest.mark.parametrize("days", [0, -1, 4000, float("nan"), float("inf")])
def test_absurd_lengths_are_refused(days: float) -> None:
    with pytest.raises(BadInput, match="not possible"):
        Retention(days)


def test_unknown_zones_and_broken_civil_days_are_refused() -> None:
    for zone in ("Asia/Atlantis", "../etc/passwd", ""):
        with pytest.raises(BadInput, match="no time zone"):
            Retention(14, zone)
    with pytest.raises(BadInput, match="whole"):
        Retention(1.5, "Asia/Tokyo")
