"""The camera films in its hours as the clock on the wall reads them, whatever the clocks of a zone do."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import BadInput
from edgecam.core.timetable import Timetable

_MINUTE_NS = 60 * NS_PER_S
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Half an hour, two hours, three quarters, a month of fasting, a day that never was, a minute past midnight.
_ODD_ZONES = (
    "Asia/Tokyo",
    "Europe/Berlin",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Antarctica/Troll",
    "Pacific/Chatham",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Africa/Monrovia",
)
_ENTRIES = st.builds(
    "{} {:02}:{:02}-{:02}:{:02}".format,
    st.sampled_from(["daily", "mon-fri", "fri-mon", "sat", "sun,wed", "tue-wed,sun"]),
    st.integers(0, 23),
    st.sampled_from([0, 1, 30, 59]),
    st.integers(0, 23),
    st.sampled_from([2, 15, 45, 58]),
)


def wall(zone: str, text: str, fold: int = 0) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()) * NS_PER_S


def said_open(entries: list[str], zone: str, wall_ns: int) -> bool:
    """The same question answered the long way: the words of each entry against what the clock shows."""
    shown = datetime.fromtimestamp(wall_ns // NS_PER_S, UTC).astimezone(ZoneInfo(zone))
    clock = f"{shown:%H:%M}"
    today, yesterday = shown.weekday(), (shown.weekday() - 1) % 7
    for entry in entries:
        days, hours = entry.split(" ")
        opens, closes = hours.split("-")
        if closes > opens:
            inside = opens <= clock < closes and today in _days(days)
        else:
            inside = (clock >= opens and today in _days(days)) or (clock < closes and yesterday in _days(days))
        if inside:
            return True
    return not entries


def _days(words: str) -> set[int]:
    found: set[int] = set()
    for part in ("mon-sun" if words == "daily" else words).split(","):
        first, _, last = part.partition("-")
        day = _DAYS.index(first)
        found.add(day)
        while day != _DAYS.index(last or first):
            day = (day + 1) % 7
            found.add(day)
    return found


@pytest.mark.row("C6")
@pytest.mark.parametrize(
    ("hours", "moment", "inside"),
    [
        ([], "2027-03-03T03:00", True),
        (["mon-fri 07:00-19:00"], "2027-03-03T07:00", True),
        (["mon-fri 07:00-19:00"], "2027-03-03T06:59:59", False),
        (["mon-fri 07:00-19:00"], "2027-03-03T18:59:59", True),
        (["mon-fri 07:00-19:00"], "2027-03-03T19:00", False),
        (["mon-fri 07:00-19:00"], "2027-03-06T12:00", False),
        (["sat 22:00-06:00"], "2027-03-07T05:59", True),
        (["sat 22:00-06:00"], "2027-03-07T06:00", False),
        (["sun 22:00-06:00"], "2027-03-08T05:59", True),
        (["daily 00:00-24:00"], "2027-03-07T23:59:59", True),
        (["daily 22:00-00:00"], "2027-03-07T00:00", False),
        (["Mon,Wed 07:00-08:00", "fri-mon 09:00-10:00"], "2027-03-08T09:30", True),
    ],
)
def test_hours_are_read_as_a_person_reads_them(hours: list[str], moment: str, inside: bool) -> None:
    assert Timetable.parse(hours, "Asia/Tokyo").is_open(wall("Asia/Tokyo", moment)) is inside


@pytest.mark.row("C6")
def test_an_hour_that_is_skipped_opens_on_time_and_one_shown_twice_is_open_twice() -> None:
    zone = "Europe/Berlin"
    night = Timetable.parse(["daily 02:30-05:00"], zone)
    # 28 March 2027: 02:00 is followed by 03:00.
    assert night.next_change(wall(zone, "2027-03-28T00:00")) == wall(zone, "2027-03-28T03:00")
    # 31 October 2027: 03:00 is followed by 02:00.
    first, again = (wall(zone, "2027-10-31T02:30", fold) for fold in (0, 1))
    assert night.next_change(first - _MINUTE_NS) == first
    assert night.next_change(first) == wall(zone, "2027-10-31T02:00", 1)
    assert night.next_change(again - _MINUTE_NS) == again
    assert night.next_change(again) == wall(zone, "2027-10-31T05:00")


@pytest.mark.row("C6")
@settings(max_examples=150, deadline=None)
@given(
    st.lists(_ENTRIES, max_size=3),
    st.sampled_from(_ODD_ZONES),
    st.datetimes(datetime(1971, 12, 25), datetime(2037, 1, 1)),
)
@example(["daily 02:10-02:20"], "Australia/Lord_Howe", datetime(2027, 4, 3, 10))
@example(["fri 00:00-23:58"], "Pacific/Apia", datetime(2011, 12, 29, 0))
@example(["daily 02:30-03:15"], "Antarctica/Troll", datetime(2027, 3, 27, 20))
def test_open_is_what_the_clock_shows_and_the_next_change_is_the_first(
    entries: list[str], zone: str, moment: datetime
) -> None:
    timetable = Timetable.parse(entries, zone)
    wall_ns = int(moment.replace(tzinfo=UTC).timestamp()) * NS_PER_S
    now = said_open(entries, zone, wall_ns)
    assert timetable.is_open(wall_ns) is now
    change = timetable.next_change(wall_ns)
    until = change if change is not None else wall_ns + 8 * 1440 * _MINUTE_NS
    assert change is None or (change > wall_ns and said_open(entries, zone, change) is not now)
    assert change is None or said_open(entries, zone, change - 1) is now
    for looked in range(wall_ns, until, 7 * _MINUTE_NS):
        assert said_open(entries, zone, looked) is now
    assert timetable.is_closed_throughout(wall_ns, until) is (not now)


@given(st.integers(-(1 << 70), 1 << 70))
def test_no_wall_clock_is_too_odd(wall_ns: int) -> None:
    change = Timetable.parse(["mon 07:00-08:00"], "Asia/Tokyo").next_change(wall_ns)
    assert change is not None


def test_the_whole_week_never_changes_and_one_hour_changes_twice_a_week() -> None:
    assert Timetable.parse(["daily 00:00-24:00"], "Europe/Berlin").next_change(0) is None
    hour = Timetable.parse(["mon 07:00-08:00"], "Asia/Tokyo")
    opens = hour.next_change(wall("Asia/Tokyo", "2027-03-01T08:00"))
    assert opens == wall("Asia/Tokyo", "2027-03-08T07:00")
    assert hour.next_change(opens) == wall("Asia/Tokyo", "2027-03-08T08:00")


@pytest.mark.row("C6")
@pytest.mark.parametrize(
    "entry",
    [
        "",
        "mon",
        "07:00-19:00",
        "mon 7:00-19:00",
        "mon 07:00-25:00",
        "mon 24:00-01:00",
        "mon 07:60-08:00",
        "moon 07:00-08:00",
        "mon- 07:00-08:00",
        "mon,,tue 07:00-08:00",
        "mon 07:00-07:00",
        "mon 07:00 - 08:00",
    ],
)
def test_what_names_no_hours_is_refused_with_what_is_allowed(entry: str) -> None:
    with pytest.raises(BadInput, match="00:00-24:00"):
        Timetable.parse([entry], "Asia/Tokyo")


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(BadInput, match="Mars/Olympus"):
        Timetable.parse([], "Mars/Olympus")


@given(st.text(max_size=40), st.text(max_size=20))
def test_any_text_is_hours_or_refused(entry: str, zone: str) -> None:
    try:
        Timetable.parse([entry], "Asia/Tokyo")
        Timetable.parse([], zone)
    except BadInput:
        return
