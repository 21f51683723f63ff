"""The presets count as their sources say: hours, or civil days from the day after recording."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
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
