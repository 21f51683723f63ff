"""Findings become events: one identity each, revisions in order, and what was left open is continued or ended."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.analysis.box import Box
from edgecam.analysis.finding import Finding
from edgecam.analysis.ledger import NONE_LEFT, Ledger, LeftOpen
from edgecam.core.events import Event, EventKind

SIZE = (640, 360)
LAWN = Finding(
    "a", EventKind.INTRUSION, 1000, 0.7, "a person came", zone="lawn", track=3, box=Box(64, 36, 128, 180)
)


def _ledger(left: LeftOpen = NONE_LEFT, kinds: frozenset[EventKind] = frozenset(EventKind)) -> Ledger:
    numbers = count()
    return Ledger(SIZE, kinds, lambda: f"{next(numbers):032x}", left)


def _left(**changes: object) -> Event:
    plain = Event(
        "old", 0, EventKind.INTRUSION, 500, None, 2, 0.6, "a person came", 1, (0.1, 0.1, 0.2, 0.5), "lawn"
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_a_finding_opens_an_event_and_its_end_ends_it() -> None:
    ledger = _ledger()
    ledger.at(1.0, 2)
    (opened,) = ledger.take([LAWN])
    assert (opened.revision, opened.end_wall_ns, opened.trust, opened.zone, opened.track) == (0, None, 2, "lawn", 3)
    assert opened.box == (0.1, 0.1, 0.2, 0.5)
    assert ledger.take([LAWN]) == []
    (ended,) = ledger.take([replace(LAWN, end_wall_ns=3000, reason="over", confidence=2.0)])
    assert (ended.event_id, ended.revision, ended.end_wall_ns) == (opened.event_id, 1, 3000)
    assert (ended.reason, ended.confidence) == ("over", 1.0)
    assert ledger.take([LAWN])[0].event_id != opened.event_id


def test_a_finding_with_its_end_is_one_event_at_once() -> None:
    ledger = _ledger()
    (event,) = ledger.take([replace(LAWN, end_wall_ns=900)])
    assert (event.revision, event.end_wall_ns) == (0, 1000)
    assert ledger.take([replace(LAWN, end_wall_ns=900)])[0].event_id != event.event_id


def test_kinds_that_are_switched_off_are_not_told() -> None:
    assert _ledger(kinds=frozenset({EventKind.PERSON})).take([LAWN, replace(LAWN, end_wall_ns=2000)]) == []


@pytest.mark.row("C5")
def test_what_an_earlier_process_left_open_goes_on() -> None:
    ledger = _ledger(LeftOpen((_left(),), 800))
    assert ledger.at(10.0, 2) == []
    assert ledger.take([LAWN]) == []
    (ended,) = ledger.take([replace(LAWN, end_wall_ns=3000)])
    assert (ended.event_id, ended.revision, ended.start_wall_ns, ended.end_wall_ns) == ("old", 1, 500, 3000)
    assert ledger.at(60.0, 2) == []


@pytest.mark.row("C5")
@pytest.mark.parametrize("changes", [{"zone": "yard"}, {"kind": EventKind.LOITERING}, {"zone": None}])
def test_what_is_not_found_again_ends_where_the_process_was_last_alive(changes: dict[str, object]) -> None:
    ledger = _ledger(LeftOpen((_left(**changes),), 800))
    assert ledger.at(10.0, 2) == []
    (other,) = ledger.take([LAWN])
    assert (other.event_id, other.revision) != ("old", 0)
    assert ledger.at(20.0, 2) == []
    (ended,) = ledger.at(22.5, 2)
    assert (ended.event_id, ended.revision, ended.end_wall_ns) == ("old", 1, 800)
    assert "not seen again" in ended.reason


@pytest.mark.row("C5")
@pytest.mark.parametrize(("kind", "goes_on"), [(EventKind.INTRUSION, True), (EventKind.LOITERING, False)])
def test_whoever_is_elsewhere_goes_on_only_with_what_a_zone_has_one_of(kind: EventKind, goes_on: bool) -> None:
    ledger = _ledger(LeftOpen((_left(kind=kind, box=(0.8, 0.1, 0.9, 0.5)),), 800))
    ledger.at(10.0, 2)
    assert (ledger.take([replace(LAWN, kind=kind)]) == []) is goes_on


def test_what_was_left_long_ago_is_ended_and_never_continued() -> None:
    ledger = _ledger(LeftOpen((_left(),), 800, long_ago=True))
    (ended,) = ledger.at(10.0, 2)
    assert (ended.event_id, ended.end_wall_ns) == ("old", 800)
    assert ledger.take([LAWN])[0].revision == 0


findings = st.builds(
    Finding,
    key=st.integers(0, 3),
    kind=st.sampled_from(EventKind),
    start_wall_ns=st.integers(0, 2**62),
    confidence=st.floats(-1, 2),
    reason=st.text(max_size=500),
    end_wall_ns=st.none() | st.integers(0, 2**62),
    zone=st.none() | st.sampled_from(["lawn", "gate"]),
    box=st.none() | st.just(Box(-5, 10, 900, 30)),
)


@given(st.lists(findings, max_size=30))
def test_revisions_follow_each_other_whatever_is_found(found: list[Finding]) -> None:
    ledger = _ledger(LeftOpen((_left(),), 800))
    revisions = {"old": 0}
    ended: set[str] = set()
    for event in ledger.take(found):
        assert event.event_id not in ended
        assert event.revision == (revisions[event.event_id] + 1 if event.event_id in revisions else 0)
        assert Event.from_json(event.to_json()) == event
        assert event.end_wall_ns is None or event.end_wall_ns >= event.start_wall_ns
        revisions[event.event_id] = event.revision
        if event.end_wall_ns is not None:
            ended.add(event.event_id)
