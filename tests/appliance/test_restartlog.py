"""Every start of the board is written down, with how the run before ended."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from fakes.turningclock import TurningClock
from hypothesis import given
from hypothesis import strategies as st

from edgecam.appliance.restartlog import (
    MOST_LINES,
    Alive,
    Ended,
    Evidence,
    Restart,
    RestartLog,
    decode_alive,
    decode_restart,
    how_it_ended,
    read_evidence,
    read_restarts,
)
from edgecam.core.errors import DataLoss

pytestmark = pytest.mark.row("C5")
QUIET = Evidence()
RAN = Alive("00" * 16, 5, 7)


def boot(folder: Path, number: int, evidence: Evidence = QUIET) -> tuple[RestartLog, TurningClock]:
    clock = TurningClock(boot_id=number.to_bytes(16, "big"), mono_ns_=10_000_000_000)
    log = RestartLog(folder, clock)
    assert log.begin(evidence) is not None
    return log, clock


@pytest.mark.parametrize(
    ("before", "evidence", "ended"),
    [
        (None, Evidence(True, True), Ended.FIRST),
        (Alive("", 1, 1, stopped=True), Evidence(True, True), Ended.CLEAN),
        (RAN, Evidence(True, True), Ended.PANIC),
        (RAN, Evidence(watchdog=True), Ended.WATCHDOG),
        (RAN, Evidence(register="1000"), Ended.UNCLEAN),
        (RAN, QUIET, Ended.UNCLEAN),
    ],
)
def test_what_ended_a_run(before: Alive | None, evidence: Evidence, ended: Ended) -> None:
    assert how_it_ended(before, evidence) is ended


def test_starts_are_told_apart_from_restarts_of_the_process(tmp_path: Path) -> None:
    log, clock = boot(tmp_path, 1)
    clock.turn(3600)
    log.keep()
    again = RestartLog(tmp_path, clock)
    assert again.begin(QUIET) is None
    again.keep(stopped=True)
    boot(tmp_path, 2)
    boot(tmp_path, 3, Evidence(watchdog=True, register="20"))
    told = read_restarts(log.path)
    assert [one.ended for one in told] == [Ended.FIRST, Ended.CLEAN, Ended.WATCHDOG]
    assert told[1].before_mono_ns == 3_610_000_000_000
    assert told[1].before_boot_id == told[0].boot_id
    assert told[2].evidence == "the watchdog reports a reset; reset register 20"


def test_a_process_that_begins_anew_takes_its_stop_back(tmp_path: Path) -> None:
    log, clock = boot(tmp_path, 1)
    log.keep(stopped=True)
    assert RestartLog(tmp_path, clock).begin(QUIET) is None
    boot(tmp_path, 2)
    assert read_restarts(log.path)[-1].ended is Ended.UNCLEAN


def test_the_log_stays_bounded(tmp_path: Path) -> None:
    line = Restart("00" * 16, 1, 0, Ended.CLEAN, "", 0, "").encode()
    path = tmp_path / "restarts.jsonl"
    path.write_bytes(line * MOST_LINES)
    for number in range(1, 4):
        boot(tmp_path, number)
        assert len(path.read_bytes().splitlines()) == MOST_LINES
    assert [one.boot_id[-1] for one in read_restarts(path)[-3:]] == ["1", "2", "3"]


@pytest.mark.parametrize("cut", [2, 20, 60])
def test_a_torn_line_costs_itself_alone(tmp_path: Path, cut: int) -> None:
    log, _ = boot(tmp_path, 1)
    boot(tmp_path, 2)
    log.path.write_bytes(log.path.read_bytes()[:-cut])
    boot(tmp_path, 3)
    assert [one.boot_id[-1] for one in read_restarts(log.path)] == ["1", "3"]


def test_what_is_known_of_the_run_before_may_be_rubbish(tmp_path: Path) -> None:
    (tmp_path / "alive.json").write_bytes(b"\0" * 40)
    log, _ = boot(tmp_path, 1)
    assert [one.ended for one in read_restarts(log.path)] == [Ended.UNCLEAN]


@pytest.mark.parametrize("decode", [decode_alive, decode_restart])
def test_what_is_written_is_read(decode: Callable[[bytes], Alive | Restart]) -> None:
    alive = Alive("ab" * 16, 12, 34, stopped=True)
    restart = Restart("ab" * 16, 1, 2, Ended.PANIC, "cd" * 16, 3, "a kernel panic was kept")
    written = alive if decode is decode_alive else restart
    assert decode(written.encode()) == written


@given(
    st.binary(max_size=700)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(repr).map(str.encode)
)
def test_any_bytes_are_a_line_or_our_error(data: bytes) -> None:
    for decode in (decode_alive, decode_restart):
        with suppress(DataLoss):
            assert decode(data).boot_id is not None


def test_the_machine_is_asked(tmp_path: Path) -> None:
    sys, var, programs = tmp_path / "sys", tmp_path / "var", tmp_path / "bin"
    assert read_evidence(sys, var, str(programs)) == QUIET
    dog = sys / "class/watchdog/watchdog0"
    dog.mkdir(parents=True)
    (dog / "bootstatus").write_text("32\n")
    assert read_evidence(sys, var, str(programs)) == Evidence(watchdog=True)
    (dog / "bootstatus").write_text("rubbish")
    programs.mkdir()
    asked = programs / "vcgencmd"
    asked.write_text('#!/bin/sh\n[ "$1" = get_rsts ] && echo get_rsts=1020\n')
    asked.chmod(0o755)
    assert read_evidence(sys, var, str(programs)) == Evidence(watchdog=True, register="1020")
    kept = var / "lib/systemd/pstore/1700000000"
    kept.mkdir(parents=True)
    (kept / "dmesg.txt").write_text("Kernel panic - not syncing")
    assert read_evidence(sys, var, str(programs)).panic
