"""Telling: on the disk in one commit, at the hub at once, remembered while the medium refuses."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from stand import event
from test_outbox import DrawnClock, names, opened

from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import MediaFailing
from edgecam.core.events import Event, EventKind
from edgecam.telemetry.dispatcher import Dispatcher
from edgecam.telemetry.doorbell import Doorbell
from edgecam.telemetry.outbox import Loss, decode_row


@pytest.fixture
def doorbell(tmp_path: Path) -> Iterator[Doorbell]:
    doorbell = Doorbell(tmp_path / "bell")
    yield doorbell
    doorbell.close()


@pytest.fixture
def dispatcher(tmp_path: Path) -> Iterator[Dispatcher]:
    dispatcher = Dispatcher(tmp_path / "outbox.sqlite", tmp_path / "bell", DrawnClock())
    yield dispatcher
    dispatcher.close()


def heard(doorbell: Doorbell) -> list[Event]:
    return [decode_row(body) for body in doorbell.take() if body]


@pytest.mark.row("T2")
def test_what_is_told_is_heard_and_kept(tmp_path: Path, doorbell: Doorbell, dispatcher: Dispatcher) -> None:
    told = [event("e1"), event("e2"), event("e2", 1)]
    dispatcher.tell(told)
    # A second revision in the same breath is found in the outbox, behind the first.
    assert heard(doorbell) == told[:2]
    with opened(tmp_path) as box:
        assert [entry.event for entry in box.peek(9)] == told


def test_nothing_told_rings_nobody(tmp_path: Path, doorbell: Doorbell, dispatcher: Dispatcher) -> None:
    dispatcher.tell([])
    assert list(doorbell.take()) == []
    assert not (tmp_path / "outbox.sqlite").exists()


def test_who_cannot_be_heard_rings_for_the_outbox(
    tmp_path: Path, doorbell: Doorbell, dispatcher: Dispatcher
) -> None:
    huge = replace(event("huge"), reason="x" * 100_000)
    dispatcher.tell([huge, event("after")])
    assert list(doorbell.take()) == [b""]
    with opened(tmp_path) as box:
        assert names(box) == ["huge", "after"]


def test_telling_needs_nobody_who_listens(tmp_path: Path, dispatcher: Dispatcher) -> None:
    dispatcher.tell([event("e1")])
    with opened(tmp_path) as box:
        assert names(box) == ["e1"]


@pytest.mark.row("T2")
def test_what_the_medium_refuses_is_told_remembered_and_put_later(tmp_path: Path) -> None:
    clock, away = DrawnClock(), tmp_path / "away"
    doorbell = Doorbell(tmp_path / "bell")
    dispatcher = Dispatcher(away / "outbox.sqlite", tmp_path / "bell", clock)
    with pytest.raises(MediaFailing):
        dispatcher.tell([event("e1")])
    assert [one.event_id for one in heard(doorbell)] == ["e1"]
    away.mkdir()
    dispatcher.tell([])
    assert dispatcher.unkept == 1
    clock.pass_by(6 * NS_PER_S)
    dispatcher.tell([])
    assert dispatcher.unkept == 0
    with opened(away) as box:
        assert names(box) == ["e1"]
    dispatcher.close()
    doorbell.close()


@pytest.mark.row("T2")
def test_what_cannot_even_be_remembered_is_counted_and_alarms_are_remembered_longest(tmp_path: Path) -> None:
    away = tmp_path / "away"
    dispatcher = Dispatcher(away / "outbox.sqlite", tmp_path / "bell", DrawnClock())
    alarms = [replace(event(f"a{number}"), kind=EventKind.FALL) for number in range(10)]
    motion = [replace(event(f"m{number}"), kind=EventKind.MOTION) for number in range(1500)]
    with pytest.raises(MediaFailing):
        dispatcher.tell([*alarms, *motion])
    away.mkdir()
    dispatcher.tell([event("after")])
    with opened(away, clock=DrawnClock()) as box:
        kept = names(box, 2000)
        assert kept[:10] == [f"a{number}" for number in range(10)]
        assert kept[10:] == [*(f"m{number}" for number in range(510, 1500)), "after"]
        assert (box.losses[Loss.UNKEPT], box.lost) == (510, 510)
        assert "510 because the medium refused them" in box.faults()[0].sentence
    dispatcher.close()


_FULL = """
import resource, signal, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from stand import CLOCK, event, link, listener, mosquitto, wait_until, outbox
from edgecam.core.errors import MediaFailing
from edgecam.telemetry.dispatcher import Dispatcher
from edgecam.telemetry.doorbell import Doorbell
folder = Path(sys.argv[2])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
bell = Doorbell(folder / "bell")
with mosquitto(folder) as broker, listener(broker.address) as ear, outbox(folder) as box:
    with link(broker.address, box, doorbell=bell) as line:
        wait_until(lambda: line.state.broker == "connected", "connected")
        dispatcher = Dispatcher(folder / "outbox.sqlite", folder / "bell", CLOCK)
        dispatcher.tell([event("before")])
        wait_until(lambda: len(box) == 0, "erased")
        # No file may grow beyond what the outbox has: as a full disk.
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))
        for number in range(5):
            try:
                dispatcher.tell([event(f"e{number}")])
                raise SystemExit("the disk was not full")
            except MediaFailing:
                pass
            ear_has = lambda: f"e{number}" in ear.events()
            wait_until(ear_has, f"e{number} arrives all the same")
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        dispatcher.tell([event("after")])
        assert dispatcher.unkept == 0
        wait_until(lambda: len(box) == 0, "erased")
        wait_until(lambda: "after" in ear.events(), "after arrives")
    assert ear.events() == ["before", *(f"e{n}" for n in range(5)), "after"], ear.events()
    assert box.lost == 0
    dispatcher.close()
bell.close()
"""


@pytest.mark.row("T2")
def test_with_a_full_disk_under_the_outbox_the_broker_is_told_all_the_same(tmp_path: Path) -> None:
    stand_folder = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", _FULL, stand_folder, str(tmp_path)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
