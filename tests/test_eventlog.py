"""The log of events: survives torn ends, has its bounds, and tells nothing that is older than the footage."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from albumstand import StoryClock, album_camera, event
from hypothesis import given, settings
from hypothesis import strategies as st
from ringstand import TWO_WEEKS, append, at, open_writer

from edgecam.core.clock import NS_PER_S, TimeTrust
from edgecam.core.eventquery import EventQuery
from edgecam.core.events import Event, EventKind
from edgecam.core.recent import RecentEvents
from edgecam.eventhistory import EventHistory
from edgecam.eventlog import MOST_BYTES, EventLog, erase_all, hours_in, path_of, read_hour
from edgecam.oldestfootage import over_at
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.retention import Retention
from edgecam.writtenevents import WrittenEvents


def logged(folder: Path) -> list[Event]:
    return [one for hour in hours_in(folder) for one in read_hour(path_of(folder, hour)).values()]


@pytest.mark.row("A6")
def test_the_newest_revision_of_each_event_is_found_by_what_it_is() -> None:
    with album_camera() as (chosen, places, clock):
        written = WrittenEvents(chosen, places, clock)
        person = event(1, clock)
        crossed = replace(event(2, clock, EventKind.LINE_CROSSING), zone="gate", direction="in")
        written.append([person, crossed])
        clock.seconds += 3700
        later = event(3, clock)
        written.append([replace(person, revision=1, end_wall_ns=clock.now().wall_ns), later])
        history = EventHistory(chosen, places, clock)
        assert [one.event_id for one in history.find(EventQuery())] == [
            later.event_id, crossed.event_id, person.event_id,
        ]  # fmt: skip
        assert history.find(EventQuery(kinds=frozenset({EventKind.PERSON})))[1].revision == 1
        assert history.find(EventQuery(zones=frozenset({"gate"}))) == [crossed]
        assert history.find(EventQuery(directions=frozenset({"in"}))) == [crossed]
        assert history.find(EventQuery(directions=frozenset({"out"}))) == []
        assert history.find(EventQuery(from_wall_ns=later.start_wall_ns)) == [later]
        assert history.find(EventQuery(to_wall_ns=later.start_wall_ns, limit=1)) == [crossed]
        assert history.find(EventQuery(before=later.event_id, limit=1)) == [crossed]
        assert history.find(EventQuery(before="nobody")) == []


@pytest.mark.row("A6")
def test_what_is_still_in_ram_alone_is_found_too_and_taken_up_by_the_next_process() -> None:
    with album_camera() as (chosen, places, clock):
        recent = RecentEvents(places.recent_events)
        recent.add(event(1, clock))
        history = EventHistory(chosen, places, clock)
        assert [one.event_id for one in history.find(EventQuery())] == [f"{1:032x}"]
        WrittenEvents(chosen, places, clock).append([])
        places.recent_events.unlink()
        assert [one.event_id for one in history.find(EventQuery())] == [f"{1:032x}"]


@pytest.mark.row("R1")
def test_no_event_is_kept_or_told_that_is_older_than_the_footage() -> None:
    with album_camera(days=1) as (chosen, places, clock):
        written, history = WrittenEvents(chosen, places, clock), EventHistory(chosen, places, clock)
        for number in range(40):
            clock.seconds += 3000
            written.append([event(number, clock)])
            written.tend()
            oldest = clock.now().wall_ns - 86_400 * NS_PER_S
            assert all(one.start_wall_ns > oldest for one in history.find(EventQuery(limit=500)))
            assert all(one.start_wall_ns > oldest - 300 * NS_PER_S for one in logged(places.events))
        assert 25 <= len(logged(places.events)) <= 30
        with_ring = FileMedium.open(places.ring, writable=True)
        writer = open_writer(with_ring, clock.now(), TWO_WEEKS)
        append(writer, 1, at(clock.seconds))
        clock.seconds += 301
        written.tend()
        assert history.find(EventQuery()) == logged(places.events) == []
        writer.close()


def test_an_untrusted_clock_erases_nothing() -> None:
    is_over = over_at(at(90_000_000, trust=TimeTrust.UNSET), Retention(1), None)
    assert not is_over(0)
    assert over_at(at(90_000_000), Retention(1), None)(0)
    assert over_at(at(0, trust=TimeTrust.UNSET), Retention(1), 10)(9)


@pytest.mark.row("C5")
@pytest.mark.parametrize("cut", range(0, 260, 20))
def test_a_torn_end_costs_one_event_and_not_the_next(tmp_path: Path, cut: int) -> None:
    clock, folder = StoryClock(), tmp_path / "events"
    EventLog(folder, 24).append([event(1, clock), event(2, clock)])
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    path.write_bytes(whole[: first + cut])
    EventLog(folder, 24).append([event(3, clock)])
    assert {one.event_id for one in logged(folder)} - {f"{2:032x}"} == {f"{1:032x}", f"{3:032x}"}


@pytest.mark.row("A6")
def test_an_hour_has_its_bound_and_keeps_room_for_what_was_asked_for(tmp_path: Path) -> None:
    clock, folder, hours = StoryClock(), tmp_path / "events", MOST_BYTES // (64 << 10)
    log = EventLog(folder, hours)
    for number in range(600):
        log.append([event(number, clock)])
    assert log.passed_over > 100
    log.append([event(1000, clock, EventKind.INTRUSION)])
    (path,) = folder.iterdir()
    assert path.stat().st_size <= 64 << 10
    assert f"{1000:032x}" in {one.event_id for one in logged(folder)}


@given(st.lists(st.binary(max_size=80), max_size=20))
@settings(max_examples=30)
def test_any_lines_are_events_or_passed_over(lines: list[bytes]) -> None:
    with album_camera() as (_, places, clock):
        EventLog(places.events, 24).append([event(1, clock)])
        (path,) = places.events.iterdir()
        path.write_bytes(b"\n".join([*lines, path.read_bytes()]))
        assert f"{1:032x}" in {one.event_id for one in logged(places.events)}
        (places.events / "x.events").write_bytes(b"")
        (places.events / "12").write_bytes(b"")
        EventLog(places.events, 24).erase(lambda _start: True)
        assert hours_in(places.events) == []


@pytest.mark.row("R5")
def test_disposal_leaves_no_file(tmp_path: Path) -> None:
    clock = StoryClock()
    log = EventLog(tmp_path, 24)
    log.append([event(1, clock)])
    clock.seconds += 7200
    log.append([event(2, clock)])
    assert erase_all(tmp_path) == 2
    assert list(tmp_path.iterdir()) == []
