"""The outbox: order, bounds, age, erasure, and sharing between threads and instances."""

from __future__ import annotations

import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stand import CLOCK, PATIENCE_S, event
from wildevents import wild_events

from edgecam.core.clock import NS_PER_S, Clock, Instant, TimeTrust
from edgecam.core.errors import DataLoss
from edgecam.core.events import Event, EventKind
from edgecam.telemetry.outbox import Loss, Outbox, OutboxBounds, decode_row

_DAY_NS = 86_400 * NS_PER_S
_YEAR_NS = 365 * _DAY_NS


class DrawnClock:
    """A clock that stands where the test puts it."""

    def __init__(self) -> None:
        self.instant = Instant(1_795_000_000 * NS_PER_S, 1000 * NS_PER_S, b"first boot......", TimeTrust.SYNCED)

    def now(self) -> Instant:
        return self.instant

    def mono_ns(self) -> int:
        return self.instant.mono_ns

    def sleep(self, duration_s: float) -> None:
        self.pass_by(int(duration_s * NS_PER_S))

    def pass_by(self, duration_ns: int) -> None:
        now = self.instant
        self.instant = replace(now, wall_ns=now.wall_ns + duration_ns, mono_ns=now.mono_ns + duration_ns)


@contextmanager
def opened(folder: Path, bounds: OutboxBounds | None = None, clock: Clock = CLOCK) -> Iterator[Outbox]:
    box = Outbox(folder / "outbox.sqlite", clock, bounds, busy_timeout_s=2)
    try:
        yield box
    finally:
        box.close()


def names(box: Outbox, limit: int = 1000) -> list[str]:
    return [waiting.event.event_id for waiting in box.peek(limit)]


@pytest.mark.row("T2")
def test_events_stay_in_order_until_they_are_acknowledged(tmp_path: Path) -> None:
    with opened(tmp_path) as box:
        for number in range(5):
            box.put(event(f"e{number}"))
        assert names(box, 3) == names(box, 3) == ["e0", "e1", "e2"]
        for _ in range(2):
            box.acknowledge([("e0", 0), ("e1", 0)])
            box.settle()
        assert (len(box), box.lost) == (3, 0)
    with opened(tmp_path) as box:
        box.put(event("e5"))
        assert names(box) == ["e2", "e3", "e4", "e5"]
        assert (len(box), box.lost, box.faults()) == (4, 0, [])


@given(wild_events)
def test_what_is_put_comes_out_again(wild: Event) -> None:
    body = wild.to_json().encode("utf-8", "replace")
    try:
        told = decode_row(body)
    except DataLoss:
        return
    assert decode_row(told.to_json().encode()).to_json() == told.to_json()


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_of_a_row_are_an_event_or_data_loss(body: bytes) -> None:
    try:
        told = decode_row(body)
    except DataLoss:
        return
    assert told.to_json().encode()


def test_half_a_character_in_a_row_is_data_loss() -> None:
    body = event("e1").to_json().encode().replace(b"lawn", b"\\ud800")
    with pytest.raises(DataLoss):
        decode_row(body)


def test_half_a_character_in_an_event_does_not_stop_it(tmp_path: Path) -> None:
    with opened(tmp_path) as box:
        box.put(replace(event("e1"), reason="half a \ud800 character"))
        assert box.peek(1)[0].event.reason == "half a ? character"


@pytest.mark.row("T2")
def test_a_full_outbox_keeps_the_newest_and_counts_the_rest(tmp_path: Path) -> None:
    with opened(tmp_path, OutboxBounds(max_events=3)) as box:
        for number in range(10):
            box.put(event(f"e{number}"))
        assert names(box) == ["e7", "e8", "e9"]
    with opened(tmp_path, OutboxBounds(max_events=3)) as box:
        assert (len(box), box.lost) == (3, 7)
        assert [fault.code for fault in box.faults()] == ["outbox_dropped"]
        assert "7 because the outbox was full" in box.faults()[0].sentence


@pytest.mark.row("T2")
def test_an_outbox_is_bounded_in_bytes(tmp_path: Path) -> None:
    with opened(tmp_path, OutboxBounds(max_bytes=2000)) as box:
        for number in range(20):
            box.put(event(f"e{number}"))
        kept = len(box)
        assert 2 < kept < 8
        newest = [f"e{number}" for number in range(20 - kept, 20)]
        assert names(box) == newest
        assert box.losses[Loss.FULL] == box.lost == 20 - kept
        box.put(replace(event("huge"), reason="x" * 5000))
        assert names(box) == newest
        assert box.losses[Loss.UNSENDABLE] == 1


@pytest.mark.row("T2")
def test_a_full_outbox_gives_up_what_matters_least_and_of_that_the_oldest(tmp_path: Path) -> None:
    kinds = {"m": EventKind.MOTION, "p": EventKind.PERSON, "a": EventKind.INTRUSION, "c": EventKind.COVERED}
    with opened(tmp_path, OutboxBounds(max_events=4)) as box:
        for name in ["a0", "p0", "m0", "m1"]:
            box.put(replace(event(name), kind=kinds[name[0]]))
        for name, left in [
            ("c0", ["a0", "p0", "m1", "c0"]),
            ("p1", ["a0", "p0", "c0", "p1"]),
            ("a1", ["a0", "c0", "p1", "a1"]),
            ("m2", ["a0", "c0", "p1", "a1"]),
            ("a2", ["a0", "c0", "a1", "a2"]),
            ("p2", ["a0", "c0", "a1", "a2"]),
            ("a3", ["c0", "a1", "a2", "a3"]),
        ]:
            box.put(replace(event(name), kind=kinds[name[0]]))
            assert names(box) == left
        assert (len(box), box.losses[Loss.FULL]) == (4, 7)


@pytest.mark.row("T2")
def test_an_answer_that_comes_before_its_row_is_remembered(tmp_path: Path) -> None:
    with opened(tmp_path) as hub, opened(tmp_path) as observer:
        hub.acknowledge([("early", 0)])
        hub.discard([("impossible", 0)])
        hub.settle()
        assert (hub.answered, hub.is_answered(("early", 0)), hub.is_answered(("early", 1))) == (2, True, False)
        observer.put(event("early"), event("early", 1), event("impossible"))
        assert hub.waits_below(("early", 2))
        assert not hub.waits_below(("early", 1))
        hub.settle()
        assert [entry.key for entry in hub.peek(9)] == [("early", 1)]
        assert (hub.answered, hub.lost) == (0, 1)


def test_answers_without_rows_are_bounded_and_the_newest_remembered(tmp_path: Path) -> None:
    with opened(tmp_path) as box:
        box.acknowledge((f"e{number}", 0) for number in range(10_000))
        assert 1000 < box.answered < 10_000
        assert box.is_answered(("e9999", 0))
        assert not box.is_answered(("e0", 0))


@pytest.mark.row("T2")
def test_an_event_is_there_once_however_often_it_is_put(tmp_path: Path) -> None:
    with opened(tmp_path) as box:
        box.put(event("e1"), event("e1", 1), event("e1"))
        box.put(event("e1"))
        assert [entry.key for entry in box.peek(9)] == [("e1", 0), ("e1", 1)]
        box.acknowledge([("e1", 0), ("e1", 1)])
        box.settle()
        box.put(event("e1"))
        assert (len(box), box.lost) == (1, 0)


def test_a_row_that_is_not_what_its_columns_say_is_counted_as_lost(tmp_path: Path) -> None:
    with opened(tmp_path) as box:
        box.put(event("before"), event("other"), event("after"))
        with closing(sqlite3.connect(tmp_path / "outbox.sqlite")) as direct, direct:
            direct.execute("UPDATE waiting SET revision = 7 WHERE event_id = ?", (b"other",))
        assert names(box) == ["before", "after"]
        assert (len(box), box.losses[Loss.UNSENDABLE]) == (2, 1)


@pytest.mark.row("T2")
def test_a_week_that_grew_too_old_is_dropped_in_several_goes(tmp_path: Path) -> None:
    clock = DrawnClock()
    with opened(tmp_path, OutboxBounds(max_age_s=3600), clock) as box:
        box.put(*(event(f"e{number}") for number in range(5000)))
        clock.pass_by(_DAY_NS)
        box.put(event("new"))
        assert 0 < box.losses[Loss.AGE] < 5000
        while names(box, 1) != ["new"]:
            assert box.lost <= 5000
        assert (len(box), box.losses[Loss.AGE]) == (1, 5000)


@given(wild_events)
def test_any_event_can_be_put_and_erased_by_its_name(wild: Event) -> None:
    with TemporaryDirectory() as name, opened(Path(name)) as box:
        box.put(wild)
        there = box.peek(1)
        if there:
            box.acknowledge([there[0].key])
            box.settle()
        assert len(box) == 0


@pytest.mark.row("T2")
def test_events_past_their_age_are_dropped_when_seen_or_when_another_is_put(tmp_path: Path) -> None:
    clock = DrawnClock()
    with opened(tmp_path, OutboxBounds(max_age_s=7 * 86_400), clock) as box:
        box.put(event("first"))
        clock.pass_by(4 * _DAY_NS)
        box.put(event("second"))
        assert names(box) == ["first", "second"]
        clock.pass_by(4 * _DAY_NS)
        assert names(box) == ["second"]
        clock.pass_by(4 * _DAY_NS)
        box.put(event("third"))
        assert (names(box), box.losses[Loss.AGE], box.lost) == (["third"], 2, 2)
        assert [fault.code for fault in box.faults()] == ["outbox_dropped"]
        clock.pass_by(2 * _DAY_NS)
        assert box.faults() == []


@pytest.mark.row("R8")
@pytest.mark.parametrize("leap_ns", [-10 * _YEAR_NS, 10 * _YEAR_NS])
def test_a_leap_of_the_wall_clock_drops_nothing(tmp_path: Path, leap_ns: int) -> None:
    clock = DrawnClock()
    with opened(tmp_path, OutboxBounds(max_age_s=3600), clock) as box:
        box.put(event("kept"))
        clock.instant = replace(clock.instant, wall_ns=clock.instant.wall_ns + leap_ns)
        assert names(box) == ["kept"]
        clock.instant = replace(clock.instant, boot_id=b"second boot.....", mono_ns=0, trust=TimeTrust.UNSET)
        assert names(box) == ["kept"]


def test_age_over_a_restart_counts_by_trusted_clocks(tmp_path: Path) -> None:
    clock = DrawnClock()
    with opened(tmp_path, OutboxBounds(max_age_s=3600), clock) as box:
        box.put(event("old"))
        clock.pass_by(_DAY_NS)
        clock.instant = replace(clock.instant, boot_id=b"second boot.....", mono_ns=0)
        assert names(box) == []
        assert box.lost == 1


def test_a_row_that_holds_no_event_is_counted_as_lost(tmp_path: Path) -> None:
    with opened(tmp_path) as box:
        box.put(event("before"))
        box.put(event("broken"))
        box.put(event("after"))
        with closing(sqlite3.connect(tmp_path / "outbox.sqlite")) as direct, direct:
            direct.execute(
                "UPDATE waiting SET body = x'00ff' WHERE position = (SELECT max(position) - 1 FROM waiting)"
            )
        assert names(box) == ["before", "after"]
        assert (len(box), box.lost) == (2, 1)


def test_acknowledged_events_leave_no_trace_and_the_file_is_private(tmp_path: Path) -> None:
    secret = "A person in a green coat stood at the gate."
    with opened(tmp_path) as box:
        box.put(replace(event("e1"), reason=secret))
        files = [file for file in tmp_path.iterdir() if secret.encode() in file.read_bytes()]
        assert files
        assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}
        box.acknowledge([box.peek(1)[0].key])
    assert [file for file in tmp_path.iterdir() if secret.encode() in file.read_bytes()] == []


@pytest.mark.row("T2")
def test_two_writers_and_a_drain_share_one_file(tmp_path: Path) -> None:
    each = 60
    drained: list[str] = []

    def fill(name: str) -> None:
        with opened(tmp_path) as box:
            for number in range(each):
                box.put(event(f"{name}{number}"))

    writers = [threading.Thread(target=fill, args=(name,)) for name in "ab"]
    for writer in writers:
        writer.start()
    with opened(tmp_path) as box:
        until_ns = CLOCK.mono_ns() + int(PATIENCE_S * NS_PER_S)
        while len(drained) < 2 * each and CLOCK.mono_ns() < until_ns:
            waiting = box.peek(7)
            drained += [entry.event.event_id for entry in waiting]
            box.acknowledge(entry.key for entry in waiting)
            box.settle()
        assert len(box) == 0
    for writer in writers:
        writer.join()
    assert len(drained) == 2 * each
    for name in "ab":
        assert [one for one in drained if one[0] == name] == [f"{name}{number}" for number in range(each)]
