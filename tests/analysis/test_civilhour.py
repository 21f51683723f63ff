from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.analysis.civilhour import CivilHour, civil_hour

BERLIN = ZoneInfo("Europe/Berlin")


def _ns(*moment: int) -> int:
    return round(datetime(*moment, tzinfo=UTC).timestamp()) * 10**9  # type: ignore[misc, arg-type]


def test_weeks_begin_on_monday() -> None:
    monday = civil_hour(_ns(2026, 3, 2, 0, 30), ZoneInfo("UTC"))
    sunday = civil_hour(_ns(2026, 3, 1, 23, 30), ZoneInfo("UTC"))
    assert monday is not None
    assert sunday is not None
    assert ((monday.weekday, monday.hour), (sunday.weekday, sunday.hour)) == ((0, 0), (6, 23))
    assert monday > sunday


@pytest.mark.parametrize(
    ("month", "day", "hours"), [(3, 29, [1, 3, 4]), (10, 25, [2, 2, 3])], ids=["skipped", "shown twice"]
)
def test_when_the_clock_changes_an_hour_is_skipped_or_shown_twice(month: int, day: int, hours: list[int]) -> None:
    shown = [civil_hour(_ns(2026, month, day, utc, 30), BERLIN) for utc in (0, 1, 2)]
    assert [hour.hour if hour else None for hour in shown] == hours
    assert len({hour.day for hour in shown if hour}) == 1


@given(st.integers(-(2**63), 2**63 - 1))
def test_any_clock_shows_an_hour_or_none(wall_ns: int) -> None:
    hour = civil_hour(wall_ns, BERLIN)
    assert hour is None or (0 <= hour.weekday < 7 and 0 <= hour.hour < 24 and isinstance(hour, CivilHour))
