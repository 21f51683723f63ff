"""Silences: what is counted and not told, and that in doubt it is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from commandstand import NEXT_BOOT, SetClock, instant

from edgecam.core.clock import NS_PER_S, TimeTrust
from edgecam.core.errors import DataLoss
from edgecam.core.events import Event, EventKind
from edgecam.core.term import Term
from edgecam.silences import FollowedSilences, Silence, read_silences, write_silences

pytestmark = pytest.mark.row("T5")
HOUR_NS = 3600 * NS_PER_S
MOTION = Silence(EventKind.MOTION, "", "centre", 7, Term(instant(), HOUR_NS))
LAWN = Silence(EventKind.INTRUSION, "lawn", "centre", 9, Term(instant(), HOUR_NS))


def event(
    name: str, kind: EventKind = EventKind.MOTION, zone: str | None = None, revision: int = 0, start_s: float = 1
) -> Event:
    start_ns = instant(start_s).wall_ns
    end_ns = start_ns + NS_PER_S if revision else None
    return Event(name, revision, kind, start_ns, end_ns, 2, 0.9, "Something moved.", zone=zone)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "silences.json"


def test_silences_survive_their_file(path: Path) -> None:
    assert read_silences(path) == ()
    write_silences(path, [MOTION, LAWN])
    assert read_silences(path) == (MOTION, LAWN)


def test_what_is_silenced_is_counted_and_the_rest_told(path: Path) -> None:
    clock = SetClock()
    followed = FollowedSilences(path, clock)
    assert not followed.silences(event("before"))
    write_silences(path, [MOTION, LAWN])
    assert followed.silences(event("a"))
    assert followed.silences(event("b", EventKind.INTRUSION, "lawn"))
    assert not followed.silences(event("c", EventKind.INTRUSION, "gate"))
    assert not followed.silences(event("d", EventKind.PERSON))
    assert followed.silences(event("a", revision=1)), "its end is silent like its beginning"
    assert followed.count == 2
    assert [told["events"] for told in followed.told()] == [1, 1]
    assert followed.told()[1]["place"] == "lawn"
    assert not followed.silences(event("before", revision=1)), "who heard of its beginning hears of its end"


def test_a_silence_ends_by_itself_and_what_it_silenced_stays_silent(path: Path) -> None:
    clock = SetClock()
    write_silences(path, [MOTION])
    followed = FollowedSilences(path, clock)
    assert followed.silences(event("a"))
    clock.forward(3600)
    assert followed.told() == []
    assert not followed.silences(event("b"))
    assert followed.silences(event("a", revision=1))


def test_after_a_restart_of_the_observer_ends_go_the_way_of_their_beginnings(path: Path) -> None:
    write_silences(path, [MOTION])
    clock = SetClock(instant(60))
    assert FollowedSilences(path, clock).silences(event("a", revision=1, start_s=30))
    assert not FollowedSilences(path, clock).silences(event("a", revision=1, start_s=-30))


def test_after_a_power_cut_it_stands_only_where_the_clock_can_tell(path: Path) -> None:
    write_silences(path, [MOTION])
    unsure = SetClock(instant(60, NEXT_BOOT, TimeTrust.RESTORED))
    followed = FollowedSilences(path, unsure)
    assert not followed.silences(event("a")), "rather told than missed"
    unsure.instant = replace(unsure.instant, trust=TimeTrust.SYNCED)
    assert followed.silences(event("b"))


def test_a_broken_list_silences_nothing_and_is_a_fault(path: Path) -> None:
    write_silences(path, [MOTION])
    followed = FollowedSilences(path, SetClock())
    assert followed.silences(event("a"))
    path.write_bytes(path.read_bytes()[:-9])
    assert not followed.silences(event("b"))
    assert followed.fault is not None
    assert "events are told" in followed.fault.sentence
    with pytest.raises(DataLoss):
        read_silences(path)
    write_silences(path, [])
    assert not followed.silences(event("c"))
    assert followed.fault is None


def test_many_lasting_events_are_not_remembered_for_ever(path: Path) -> None:
    followed = FollowedSilences(path, SetClock())
    for number in range(3000):
        assert not followed.silences(event(f"{number}"))
    write_silences(path, [MOTION])
    assert not followed.silences(event("2999", revision=1))


def test_a_silence_without_an_end_is_none(path: Path) -> None:
    write_silences(path, [Silence(EventKind.MOTION, "", "centre", 7, Term(instant(), None))])
    with pytest.raises(DataLoss):
        read_silences(path)
