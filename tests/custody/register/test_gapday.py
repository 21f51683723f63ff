"""The gaps of a day: counted once each, forgotten after 24 hours, remembered over a restart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from custodystand import Camera
from fakes.stoodclock import StoodClock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ringstand import DAY_S, at

from edgecam.core.clock import NS_PER_S, TimeTrust
from edgecam.custody.register.gap_line import register_gap
from edgecam.custody.register.gapday import GapDay
from edgecam.custody.register.register_line import Act
from edgecam.ringbuffer.format import GapCause
from edgecam.ringbuffer.gaps import Gap


def _gap(ended_s: float, length_s: float = 4.0, cause: GapCause = GapCause.SOURCE_LOST, number: int = 77) -> Gap:
    end_ns = at(ended_s).wall_ns
    return Gap(end_ns - round(length_s * NS_PER_S), end_ns, round(length_s * NS_PER_S) or None, cause, number)


@pytest.mark.row("T4")
def test_a_gap_counts_once_for_a_day(tmp_path: Path) -> None:
    clock = StoodClock(at(0))
    day = GapDay(tmp_path / "no-register", clock)
    assert day.tally() == (0, 0)
    day.note(_gap(0))
    day.note(_gap(0))
    clock.instant = at(3600)
    day.note(_gap(3600, length_s=1.5, number=90))
    day.note(_gap(3600, length_s=0, number=91))
    assert day.tally() == (3, 5.5)
    clock.instant = at(DAY_S)
    assert day.tally() == (2, 1.5)
    clock.instant = at(DAY_S + 3600)
    assert day.tally() == (0, 0)


def test_the_hours_without_recording_are_no_gap(tmp_path: Path) -> None:
    day = GapDay(tmp_path / "no-register", StoodClock(at(0)))
    day.note(_gap(0, cause=GapCause.TIMETABLE))
    assert day.tally() == (0, 0)


@pytest.mark.row("T4")
def test_a_restart_forgets_no_gap_of_the_day(camera: Camera) -> None:
    register = camera.register()
    told = [
        _gap(100),
        _gap(-DAY_S),
        _gap(200, cause=GapCause.TIMETABLE),
        _gap(300, length_s=0),
        _gap(300, 2.5, number=5),
    ]
    for gap in told:
        register_gap(register, gap)
        register.write(Act.ERASURE, who="recorder", purpose="retention")
    clock = StoodClock(at(DAY_S / 2, boot=1))
    day = GapDay(register.path, clock)
    assert day.tally() == (3, 6.5)
    day.note(told[0])
    assert day.tally() == (3, 6.5)
    clock.instant = at(DAY_S + 100, boot=1)
    assert day.tally() == (2, 2.5)


def test_while_no_clock_is_set_nobody_knows_what_was_before(camera: Camera) -> None:
    register_gap(camera.register(), _gap(100))
    unset = replace(at(200), trust=TimeTrust.UNSET)
    assert GapDay(camera.register().path, StoodClock(unset)).tally() == (0, 0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary() | st.just(b'{"act":"gap"}\n'))
def test_any_register_gives_a_tally(tmp_path: Path, data: bytes) -> None:
    register = tmp_path / "register.jsonl"
    register.write_bytes(data)
    assert GapDay(register, StoodClock(at(0))).tally() == (0, 0)
