"""Learned normality, tried on simulated weeks: see `ordinarylife`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ordinarylife import (
    BERLIN,
    MONDAY,
    SEOUL,
    Camera,
    Walk,
    car,
    days_from,
    loiterer,
    ordinary_day,
    person,
)

from edgecam.analysis.finding import Finding
from edgecam.analysis.normality import NormalityJudge
from edgecam.core.errors import DataLoss
from edgecam.core.events import EventKind

SYNCED = 2
LEARNED = 21
FIRST = MONDAY + timedelta(days=LEARNED)


def _watching(judge: NormalityJudge, trust: int = SYNCED) -> Camera:
    judge.at_trust(trust)
    return Camera(judge)


@cache
def _learned() -> bytes:
    """What three ordinary weeks teach in which nothing odd happens."""
    camera = _watching(judge := NormalityJudge(SEOUL))
    for day in days_from(MONDAY, LEARNED):
        camera.see_day(day, _quiet_day(day))
    return judge.state()


def _knowing() -> tuple[NormalityJudge, Camera]:
    judge = NormalityJudge(SEOUL)
    judge.restore(_learned())
    return judge, _watching(judge)


def _intruder(day: date, at: time = time(3, 12)) -> Walk:
    return person(datetime.combine(day, at, SEOUL), (0.28, 0.93), (0.5, 0.8), (0.5, 0.62), pace_s=4)


def _reasons(found: Iterable[Finding]) -> list[str]:
    return [finding.reason for finding in found]


def _quiet_day(day: date) -> list[Walk]:
    return ordinary_day(day, seed=5, odd_a_day=0.0)


@pytest.mark.row("A4")
def test_who_comes_where_nobody_comes_at_that_hour_is_told_with_the_count() -> None:
    judge, camera = _knowing()
    found = camera.see_day(FIRST, [*_quiet_day(FIRST), _intruder(FIRST)])
    assert _reasons(found) == ["a person at 03:12 at the lower left: seen there around this hour on 0 of 21 nights"]
    assert found[0].kind == EventKind.UNUSUAL
    assert 0.9 < found[0].confidence <= 0.99
    assert judge.progress == "learned from 22 nights"


@pytest.mark.row("A4")
def test_an_event_ends_when_its_track_was_last_seen() -> None:
    _, camera = _knowing()
    walk = _intruder(FIRST)
    camera.see_day(FIRST, [walk])
    (opened, ended) = camera.found
    assert opened.end_wall_ns is None
    assert ended.key == opened.key
    last_ns = round((walk.start.timestamp() + walk.duration_s) * 1e9)
    assert ended.end_wall_ns is not None
    assert last_ns - 1e9 < ended.end_wall_ns <= last_ns


@pytest.mark.row("A4")
def test_who_drives_against_the_lane_is_told() -> None:
    _, camera = _knowing()
    wrong = car(datetime.combine(FIRST, time(12, 5), SEOUL), right=True, y=0.42)
    (found,) = camera.see_day(FIRST, [*_quiet_day(FIRST), wrong])
    assert found.reason.startswith("a vehicle went to the right on the left: vehicles went so there on ")
    assert found.reason.endswith(" days with vehicles")


@pytest.mark.row("A4")
def test_who_stays_much_longer_than_people_do_is_told_and_in_the_end_for_how_long() -> None:
    _, camera = _knowing()
    waiting = loiterer(datetime.combine(FIRST, time(14, 5), SEOUL), 0.25, 0.72, 540)
    (opened,) = camera.see_day(FIRST, [*_quiet_day(FIRST), waiting])
    assert "where people mostly stay less than 1 min" in opened.reason
    ended = camera.found[-1]
    assert ended.key == opened.key
    assert ended.reason.startswith("a person stayed for 9 min at the lower left")


@pytest.mark.row("A4")
def test_who_runs_where_people_walk_is_told() -> None:
    _, camera = _knowing()
    runner = person(datetime.combine(FIRST, time(8, 5), SEOUL), (0.0, 0.72), (1.0, 0.72), pace_s=0.15)
    reasons = _reasons(camera.see_day(FIRST, [*_quiet_day(FIRST), runner]))
    assert len(reasons) == 1
    assert reasons[0].startswith("a person went faster ")


@pytest.mark.row("A4")
def test_while_learning_it_says_so_and_tells_nothing() -> None:
    camera = _watching(judge := NormalityJudge(SEOUL))
    assert judge.progress == "not begun"
    for day in days_from(MONDAY, 9):
        assert camera.see_day(day, [*ordinary_day(day, seed=1), _intruder(day)]) == []
    assert judge.progress == "learning, 9 of 14 nights"


@pytest.mark.row("A4")
def test_hours_that_are_not_watched_are_not_known() -> None:
    """Filmed by day for three weeks: the first night is learned, not judged."""
    camera = _watching(NormalityJudge(SEOUL))
    for day in days_from(MONDAY, LEARNED):
        camera.see_day(day, ordinary_day(day, seed=1, odd_a_day=0.0), hours=(7, 19))
    assert camera.see_day(FIRST, [_intruder(FIRST)]) == []


@pytest.mark.row("A4")
@pytest.mark.row("A5")
@pytest.mark.long
@pytest.mark.parametrize("seed", [11, 12])
@pytest.mark.parametrize("odd_a_day", [0.2, 2.0, 8.0])
def test_a_life_that_stays_as_it_is_gives_at_most_one_alarm_a_day(seed: int, odd_a_day: float) -> None:
    camera = _watching(NormalityJudge(SEOUL))
    told = [len(camera.see_day(day, ordinary_day(day, seed, odd_a_day=odd_a_day))) for day in days_from(MONDAY, 56)]
    assert sum(told[:13]) == 0
    assert sum(told[14:]) / len(told[14:]) <= 1.0
    assert max(told) <= 4


@pytest.mark.row("A4")
def test_what_is_told_is_learned_only_after_it_came_on_three_days() -> None:
    _, camera = _knowing()
    told = [len(camera.see_day(day, [_intruder(day)])) for day in days_from(FIRST, 6)]
    assert told == [1, 1, 1, 0, 0, 0]


@pytest.mark.row("A4")
def test_a_hundred_passages_in_one_night_teach_no_more_than_one() -> None:
    _, camera = _knowing()
    burst = [_intruder(FIRST, time(3, minute)) for minute in range(1, 59)]
    assert len(camera.see_day(FIRST, burst)) == 1
    next_day = FIRST + timedelta(days=1)
    assert len(camera.see_day(next_day, [_intruder(next_day)])) == 1


@pytest.mark.row("A4")
def test_who_makes_a_noise_all_day_is_told_a_few_times_only() -> None:
    _, camera = _knowing()
    noise = []
    for hour in range(0, 24, 2):
        for x in (0.1, 0.35, 0.6, 0.85):
            at = time(hour, round(50 * x))
            noise.append(person(datetime.combine(FIRST, at, SEOUL), (x, 0.98), (x, 0.85), (x, 0.98)))
    assert 1 <= len(camera.see_day(FIRST, noise)) <= 6


@pytest.mark.row("A4")
def test_seasons_are_followed() -> None:
    """A market that opens every night at two is told for a few days, and is then a habit."""
    _, camera = _knowing()
    told = []
    for day in days_from(FIRST, 10):
        market = [
            person(datetime.combine(day, time(2, 3 * i), SEOUL), (0.2 + 0.03 * i, 0.95), (0.5, 0.62))
            for i in range(12)
        ]
        told.append(len(camera.see_day(day, market)))
    assert told[0] >= 1
    assert sum(told) <= 12
    assert told[5:] == [0] * 5


@pytest.mark.row("A4")
def test_a_restart_loses_nothing() -> None:
    judge, camera = _knowing()
    other = NormalityJudge(SEOUL)
    other.restore(judge.state())
    walks = [*_quiet_day(FIRST), _intruder(FIRST)]
    camera.see_day(FIRST, walks)
    restarted = _watching(other)
    restarted.see_day(FIRST, walks)
    assert restarted.found == camera.found
    assert other.state() == judge.state()


@pytest.mark.row("A4")
def test_a_restart_does_not_tell_the_same_again() -> None:
    judge, camera = _knowing()
    assert len(camera.see_day(FIRST, [_intruder(FIRST)], hours=(0, 4))) == 1
    judge.forget(0)
    again = NormalityJudge(SEOUL)
    again.restore(judge.state())
    walks = [_intruder(FIRST, time(4, 1))]
    assert _watching(again).see_day(FIRST, walks, hours=(4, 6)) == []


@pytest.mark.row("A4")
def test_with_an_unset_clock_nothing_is_learned_or_told() -> None:
    judge, camera = _knowing()
    before = judge.state()
    judge.at_trust(0)
    assert camera.see_day(FIRST, [_intruder(FIRST)]) == []
    assert judge.state() == before
    assert judge.progress == "not learning, the clock is not set"


@pytest.mark.row("A4")
def test_a_clock_that_leaps_for_a_day_costs_a_page_and_no_more() -> None:
    _, camera = _knowing()
    camera.wall_s_ahead = 4 * 365 * 86_400.0
    camera.see_day(FIRST, _quiet_day(FIRST))
    camera.wall_s_ahead = 0.0
    second = FIRST + timedelta(days=1)
    (found,) = camera.see_day(second, [_intruder(second)])
    assert "on 0 of 22 nights" in found.reason


@pytest.mark.row("A4")
def test_a_clock_that_leaps_for_seconds_costs_nothing() -> None:
    judge, camera = _knowing()
    before = judge.state()
    for years in range(1, 200):
        camera.wall_s_ahead = years * 86_400.0 * 365
        camera.see_day(FIRST, [], hours=(3, 3))
    assert judge.state() == before


@pytest.mark.row("A4")
def test_a_summer_without_the_camera_is_not_forgotten() -> None:
    _, camera = _knowing()
    autumn = FIRST + timedelta(days=100)
    reasons = _reasons(camera.see_day(autumn, [*_quiet_day(autumn), _intruder(autumn)]))
    assert reasons == ["a person at 03:12 at the lower left: seen there around this hour on 0 of 21 nights"]


@pytest.mark.row("A4")
@pytest.mark.parametrize("change", [date(2026, 3, 29), date(2026, 10, 25)])
def test_the_hours_are_those_of_the_clock_on_the_wall_when_it_changes(change: date) -> None:
    """A baker who comes at 04:30 by the clock is as usual after the change as before, and tells nobody of it."""
    judge = NormalityJudge(BERLIN)
    judge.at_trust(SYNCED)
    camera = Camera(judge, BERLIN)

    def baker(day: date, at: time = time(4, 30)) -> Walk:
        return person(datetime.combine(day, at, BERLIN), (0.0, 0.72), (1.0, 0.72))

    begin = change - timedelta(days=20)
    for day in days_from(begin, 24):
        assert camera.see_day(day, [baker(day)]) == []
    late = begin + timedelta(days=24)
    assert len(camera.see_day(late, [baker(late), baker(late, time(0, 40))])) == 1


def test_a_zone_is_named_where_there_is_one() -> None:
    judge = NormalityJudge(SEOUL, zone_at=lambda x, y: "zone B" if y > 0.5 else None)
    judge.restore(_learned())
    (found,) = _watching(judge).see_day(FIRST, [_intruder(FIRST)])
    assert found.zone == "zone B"
    assert found.reason == "a person at 03:12 in zone B: seen there around this hour on 0 of 21 nights"


def test_forgetting_ends_what_is_open_and_keeps_what_was_learned() -> None:
    judge, camera = _knowing()
    stop = replace(_intruder(FIRST), legs=((0.28, 0.93, 3600.0),))
    assert len(camera.see_day(FIRST, [stop], hours=(0, 4))) == 1
    (ended,) = judge.forget(0)
    assert ended.end_wall_ns is not None
    assert judge.forget(0) == []
    assert judge.progress == "learned from 22 nights"


@pytest.mark.row("A4")
def test_memory_and_file_are_bounded() -> None:
    judge, camera = _knowing()
    for day in days_from(FIRST, 3):
        camera.see_day(day, ordinary_day(day, seed=9, odd_a_day=100.0))
    assert len(judge.state()) < 600_000


@given(st.binary(max_size=200) | st.just(b"EDGENRM1") | st.binary(max_size=64).map(lambda b: b"EDGENRM1" + b))
def test_any_bytes_are_habits_or_data_loss(data: bytes) -> None:
    judge = NormalityJudge(SEOUL)
    before = judge.state()
    with pytest.raises(DataLoss):
        judge.restore(data)
    assert judge.state() == before


@settings(max_examples=60)
@given(st.data())
def test_a_damaged_file_is_told(data: st.DataObject) -> None:
    state = bytearray(_learned())
    at = data.draw(st.integers(0, len(state) - 1))
    state[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(DataLoss):
        NormalityJudge(SEOUL).restore(bytes(state))
