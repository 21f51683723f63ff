"""The pump on a line that a test answers: what goes first, what waits, what is erased, and never twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from pumpstand import Camera, camera_in
from stand import event

from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import MediaFailing
from edgecam.telemetry.dispatcher import Dispatcher
from edgecam.telemetry.doorbell import Bell
from edgecam.telemetry.outbox import Outbox

QUOTA_EXCEEDED = 0x97


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[Camera]:
    with camera_in(tmp_path) as camera:
        yield camera


@contextmanager
def busy(folder: Path) -> Iterator[None]:
    """Nobody can write to the outbox meanwhile."""
    with closing(sqlite3.connect(folder / "outbox.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def filled(camera: Camera, number: int) -> list[str]:
    names = [f"b{n}" for n in range(number)]
    camera.outbox.put(*(event(name) for name in names))
    return [f"{name}.0" for name in names]


@pytest.mark.row("T2")
def test_an_event_is_sent_before_it_is_on_the_disk_and_erased_when_it_is_there(camera: Camera) -> None:
    body = event("e1").to_json().encode()
    bell = Bell(camera.folder / "bell")
    assert camera.turns() == []
    assert bell.ring(body)
    assert camera.turns() == ["e1.0"]
    camera.second()
    assert camera.turns() == []
    camera.outbox.put(event("e1"))
    camera.second()
    assert camera.turns() == []
    assert (len(camera.outbox), camera.outbox.answered) == (0, 0)
    bell.close()


@pytest.mark.row("T2")
def test_an_answer_outlives_its_connection(camera: Camera) -> None:
    bell = Bell(camera.folder / "bell")
    camera.turns()
    bell.ring(event("e1").to_json().encode())
    assert camera.turns() == ["e1.0"]
    camera.connect()
    camera.outbox.put(event("e1"))
    camera.second()
    assert camera.turns() == []
    assert len(camera.outbox) == 0
    bell.close()


@pytest.mark.row("T2")
def test_live_goes_before_the_backlog_and_nothing_goes_twice(camera: Camera) -> None:
    backlog = filled(camera, 300)
    camera.pump.turn()
    first = camera.line.names()
    assert first == backlog[: len(first)]
    assert 0 < len(first) < 100
    camera.tell(event("alarm"))
    camera.pump.turn()
    # Nothing was answered yet, and it is on its way.
    assert camera.line.names() == [*first, "alarm.0"]
    camera.line.answer_all()
    assert camera.turns() == backlog[len(first) :]
    camera.second()
    assert camera.turns() == []
    assert (len(camera.outbox), camera.outbox.lost) == (0, 0)


@pytest.mark.row("T2")
@pytest.mark.parametrize("most", [1, 2, 3, 20])
def test_the_receive_maximum_holds_and_leaves_room_for_what_happens(camera: Camera, most: int) -> None:
    camera.connect(most)
    backlog = filled(camera, 40)
    camera.pump.turn()
    sent = camera.line.names()
    assert len(sent) == max(1, min(most - 1, 16))
    camera.tell(event("alarm"))
    camera.pump.turn()
    assert camera.line.names() == ([*sent, "alarm.0"] if most > 1 else sent)
    camera.line.answer_all()
    rest = camera.turns()
    if most == 1:
        assert rest[0] == "alarm.0"
    assert [name for name in sent + rest if name != "alarm.0"] == backlog


@pytest.mark.row("T2")
def test_a_revision_never_overtakes_a_lower_one_that_waits(camera: Camera) -> None:
    camera.outbox.put(event("b0"), event("b1"), event("b0", 1))
    camera.pump.turn()
    # One revision of an event at a time, and what was put later waits for it.
    assert camera.line.names() == ["b0.0", "b1.0"]
    camera.tell(event("b0", 2))
    camera.tell(event("new"))
    camera.tell(event("new", 1))
    camera.pump.turn()
    assert camera.line.names() == ["b0.0", "b1.0", "new.0"]
    camera.line.answer_all()
    assert camera.turns() == ["new.1", "b0.1", "b0.2"]
    camera.second()
    assert camera.turns() == []
    assert len(camera.outbox) == 0


@pytest.mark.row("T2")
def test_a_refused_event_comes_again_before_all_that_followed(camera: Camera) -> None:
    camera.tell(event("e1"))
    camera.pump.turn()
    camera.line.answer(0, QUOTA_EXCEEDED)
    camera.tell(event("e1", 1), event("e2"))
    assert camera.turns() == []
    assert camera.pump.refusal is not None
    camera.clock.pass_by(31 * NS_PER_S)
    assert camera.turns() == ["e1.0", "e1.1", "e2.0"]
    assert camera.pump.refusal is None


@pytest.mark.row("T2")
def test_a_busy_outbox_holds_up_no_live_event(camera: Camera) -> None:
    camera.turns()
    backlog = filled(camera, 3)
    camera.outbox.acknowledge([("b0", 0)])
    camera.second()
    bell = Bell(camera.folder / "bell")
    with busy(camera.folder):
        bell.ring(event("e1").to_json().encode())
        assert camera.turns() == ["e1.0", *backlog[1:]]
        camera.second()
        assert camera.turns() == []
        assert len(camera.outbox) == 3
    assert camera.pump.fault is None
    camera.second()
    assert camera.turns() == []
    assert (len(camera.outbox), camera.outbox.answered) == (0, 1)
    bell.close()


@pytest.mark.row("T2")
def test_an_outbox_that_fails_is_told_and_holds_up_no_live_event(tmp_path: Path) -> None:
    with camera_in(tmp_path) as camera:
        camera.outbox = Outbox(tmp_path / "away" / "outbox.sqlite", camera.clock)
        camera.connect()
        camera.turns()
        for name in ("e1", "e2"):
            camera.tell(event(name), event(name, 1))
            assert camera.turns() == [f"{name}.0"]
            assert camera.pump.fault is not None
            assert camera.pump.fault.code == "outbox_failing"
        (tmp_path / "away").symlink_to(tmp_path)
        camera.clock.pass_by(31 * NS_PER_S)
        assert camera.turns() == ["e1.1", "e2.1"]
        assert camera.pump.fault is None
        camera.second()
        camera.turns()
        assert len(camera.outbox) == 0


@pytest.mark.row("T2")
def test_what_no_message_can_hold_is_counted_once_whichever_way_it_came(camera: Camera) -> None:
    camera.tell(replace(event("impossible"), confidence=7.0))
    assert camera.turns() == []
    camera.outbox.put(replace(event("timeless"), start_wall_ns=10**30), event("good"))
    camera.second()
    assert camera.turns() == ["good.0"]
    camera.second()
    camera.turns()
    assert (len(camera.outbox), camera.outbox.lost) == (0, 2)


def test_what_is_said_at_the_door_and_is_no_event_is_passed_over(camera: Camera) -> None:
    bell = Bell(camera.folder / "bell")
    for nonsense in (b"", b"\xff\xfe", b"{}", b"[1, 2]"):
        bell.ring(nonsense)
    bell.ring()
    assert camera.turns() == []
    camera.outbox.put(event("e1"))
    bell.ring()
    assert camera.turns() == ["e1.0"]
    bell.close()


@pytest.mark.row("T2")
def test_what_was_said_while_nobody_was_connected_waits_its_turn(camera: Camera) -> None:
    backlog = filled(camera, 100)
    camera.tell(event("before"))
    camera.connect(4)
    camera.pump.turn()
    camera.tell(event("live"))
    sent = camera.turns()
    assert sent.index("live.0") < 10
    assert [name for name in sent if name != "live.0"] == [*backlog, "before.0"]


def test_it_asks_for_no_turn_before_one_is_due(camera: Camera) -> None:
    assert camera.pump.wait_limit_s() == 0
    camera.turns()
    assert 0 < camera.pump.wait_limit_s() <= 1
    filled(camera, 40)
    camera.second()
    assert camera.pump.wait_limit_s() == 0
    camera.pump.turn()
    assert camera.line.names()
    assert camera.pump.wait_limit_s() > 0


@pytest.mark.row("T2")
def test_a_burst_that_the_bell_cannot_say_arrives_whole_and_in_order(camera: Camera) -> None:
    names = [f"e{number}" for number in range(2000)]
    camera.turns()
    camera.tell(*(event(name) for name in names))
    heard = camera.turns()
    assert 0 < len(heard) < len(names)
    camera.second()
    assert heard + camera.turns() == [f"{name}.0" for name in names]
    camera.second()
    assert camera.turns() == []
    assert (len(camera.outbox), camera.outbox.lost) == (0, 0)


@pytest.mark.row("T2")
def test_the_broker_is_told_also_when_the_medium_refuses(camera: Camera) -> None:
    camera.turns()
    file = camera.folder / "outbox.sqlite"
    camera.dispatcher.close()
    camera.dispatcher = Dispatcher(camera.folder / "away" / "outbox.sqlite", camera.folder / "bell", camera.clock)
    with pytest.raises(MediaFailing):
        camera.tell(event("e1"))
    assert camera.turns() == ["e1.0"]
    assert camera.dispatcher.unkept == 1
    with pytest.raises(MediaFailing):
        camera.tell(event("e2"))
    assert camera.turns() == ["e2.0"]
    camera.tell()
    assert camera.dispatcher.unkept == 2
    (camera.folder / "away").symlink_to(file.parent)
    camera.clock.pass_by(6 * NS_PER_S)
    camera.tell()
    assert (camera.dispatcher.unkept, len(camera.outbox)) == (0, 2)
    camera.second()
    assert camera.turns() == []
    assert len(camera.outbox) == 0
