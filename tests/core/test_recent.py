"""Recent events: newest first, one line an event, bounded, taken up after a restart."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.events import Event, EventKind
from edgecam.core.recent import KEPT, EventChanges, LastingEvents, RecentEvents, read_recent


def event(number: int) -> Event:
    return Event(f"e{number}", 0, EventKind.PERSON, number, None, 2, 0.5, "a person walked")


def test_the_newest_comes_first_and_the_oldest_goes(tmp_path: Path) -> None:
    recent = RecentEvents(tmp_path / "events")
    for number in range(KEPT + 5):
        recent.add(event(number))
    told = read_recent(tmp_path / "events")
    assert len(told) == KEPT
    assert (told[0], told[-1]) == (event(KEPT + 4), event(5))


def test_a_revision_takes_the_place_of_the_one_before_also_after_a_restart(tmp_path: Path) -> None:
    recent = RecentEvents(tmp_path / "events")
    recent.add(event(1))
    recent.add(event(2))
    ended = replace(event(1), revision=1, end_wall_ns=9)
    RecentEvents(tmp_path / "events").add(ended)
    assert read_recent(tmp_path / "events") == [event(2), ended]


def test_what_lasts_is_kept_longer_than_what_is_over(tmp_path: Path) -> None:
    recent = RecentEvents(tmp_path / "events")
    recent.add(event(0))
    for number in range(1, KEPT + 5):
        recent.add(replace(event(number), end_wall_ns=number + 1))
    assert recent.lasting == [event(0)]
    assert len(read_recent(tmp_path / "events")) == KEPT
    assert RecentEvents(tmp_path / "events").lasting == [event(0)]


def test_each_change_is_seen_once_by_whoever_looks_again_and_again(tmp_path: Path) -> None:
    path = tmp_path / "events"
    changes = EventChanges(path)
    assert changes.look() == []
    recent = RecentEvents(path)
    recent.add(event(1))
    recent.add(event(2))
    assert [(change.event.event_id, change.began) for change in changes.look()] == [("e1", True), ("e2", True)]
    assert changes.look() == []
    recent.add(replace(event(1), revision=1, end_wall_ns=9))
    recent.add(event(3))
    assert [(change.event.event_id, change.began) for change in changes.look()] == [("e1", False), ("e3", True)]
    RecentEvents(path).add(event(4))
    assert [change.event.event_id for change in changes.look()] == ["e4"]
    some = EventChanges(path, lambda one: one.event_id != "e3")
    assert [change.event.event_id for change in some.look()] == ["e1", "e2", "e4"]
    path.unlink()
    assert changes.look() == []


@given(st.binary())
def test_any_bytes_are_no_events(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "events"
        path.write_bytes(data)
        assert read_recent(path) == []
    assert read_recent(path) == []


def test_what_lasts_is_what_has_not_ended(tmp_path: Path) -> None:
    path = tmp_path / "events"
    lasting = LastingEvents(path)
    assert lasting.look() == []
    recent = RecentEvents(path)
    recent.add(event(1))
    recent.add(event(2))
    assert [one.event_id for one in lasting.look()] == ["e2", "e1"]
    recent.add(replace(event(2), revision=1, end_wall_ns=9))
    assert [one.event_id for one in lasting.look()] == ["e1"]
    path.unlink()
    assert lasting.look() == []
