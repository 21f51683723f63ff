"""A board without a battery starts in 1970: it records, says that its times cannot be trusted, and keeps all."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from agentstand import CLOCK, Agent, NewCamera, frame_times_s

from edgecam.core.clock import NS_PER_S, TimeTrust

# Python runs a module of this name before everything else: here it moves the wall clock of all processes of an
# agent, and of nothing else on the machine. The clock that counts from boot stays true, as on a board.
_SHIFT = """
import os, time
_true_ns, _true = time.time_ns, time.time
_ahead_ns = int(os.environ["TEST_WALL_AHEAD_NS"])
time.time_ns = lambda: _true_ns() + _ahead_ns
time.time = lambda: _true() + _ahead_ns / 1e9
"""


def _at(folder: Path, moment: str) -> dict[str, str]:
    """An environment in which wall clocks start at ``moment``."""
    (folder / "sitecustomize.py").write_text(_SHIFT)
    ahead_ns = int(datetime.fromisoformat(moment).timestamp()) * NS_PER_S - CLOCK.now().wall_ns
    return {"PYTHONPATH": str(folder), "TEST_WALL_AHEAD_NS": str(ahead_ns), "TZ": "UTC"}


@pytest.fixture
def agent(new_camera: NewCamera) -> Agent:
    return new_camera()


@pytest.mark.row("R8")
def test_a_clock_at_1970_is_told_and_nothing_is_lost_when_it_is_set(agent: Agent, tmp_path: Path) -> None:
    with agent.started(**_at(tmp_path, "1970-01-01T00:10:00+00:00")):
        assert "never set" in agent.wait_fault("clock")
        assert agent.recorder is not None
        assert agent.recorder.time_trust == "unset"
        agent.wait_recording(3)
    old = agent.headers()
    assert {header.trust for header in old} == {TimeTrust.UNSET}
    # Asked while nobody knows the time yet.
    unset = _at(tmp_path, "1970-01-01T00:20:00+00:00")
    (stretch,) = json.loads(agent.command("recordings", "--json", powerless=False, **unset).out)
    assert stretch["from"].startswith("1970-01-01")
    assert stretch["time_trust"] == "unset"
    assert "(clock unset)" in agent.command("recordings", powerless=False, **unset).out
    times = ("--from", "1970-01-01T00:09:00", "--to", "1970-01-01T00:20:00")
    told = agent.command("export", *times, "-o", "old.mp4", powerless=False, **unset)
    assert told.code == 0, told.err
    assert "clock not synchronised" in told.out
    assert frame_times_s(agent.folder / "old.mp4")
    # Once somebody does, it is found where it belongs; its headers still say what the clock said.
    told = agent.command("export", "--from", "-10m", "-o", "found.mp4")
    assert told.code == 0, told.err
    assert frame_times_s(agent.folder / "found.mp4") == frame_times_s(agent.folder / "old.mp4")
    # Half a century later the clock is right, and the footage of 1970 is still of today.
    with agent.started():
        agent.wait_recording(3)
        assert "clock" not in agent.faults()
    assert agent.headers()[: len(old)] == old
    listed = agent.recordings()
    assert [stretch["gap_cause"] for stretch in listed] == ["first_start", "planned_stop"]
    assert listed[1]["gap_before_s"] < 60
    (path,) = agent.copy()
    seen_s = frame_times_s(path)
    assert len(seen_s) == sum(header.frame_count for header in agent.headers())
    assert "every invariant holds" in agent.done("check")


@pytest.mark.long
@pytest.mark.row("R8")
def test_a_clock_years_ahead_erases_nothing(agent: Agent, tmp_path: Path) -> None:
    with agent.started():
        agent.wait_recording(2)
    old = agent.headers()
    with agent.started(**_at(tmp_path, "2037-01-01T00:00:00+00:00")):
        agent.wait_recording(2)
    with agent.started():
        agent.wait_recording(2)
    assert agent.headers()[: len(old)] == old
    assert len(agent.recordings()) == 3
