"""Outside the recording hours the camera is not opened, and nothing and nobody takes that for a fault."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from agentstand import CLOCK, Agent, Sections, camera, wait_until

from edgecam.core.clock import NS_PER_S


def hours_around(offset_h: int) -> list[str]:
    """Two hours of every day, the first beginning ``offset_h`` hours from now, in UTC."""
    begin = datetime.fromtimestamp(CLOCK.now().wall_ns / NS_PER_S, UTC) + timedelta(hours=offset_h)
    return [f"daily {begin:%H}:00-{begin + timedelta(hours=2):%H}:00"]


def _lasting(agent: Agent) -> list[str]:
    listed = json.loads(agent.done("recordings", "--gaps", "--json"))
    return [gap["cause"] for gap in listed if gap["lasts"]]


@pytest.mark.row("C6")
def test_a_camera_rests_outside_its_hours_and_nothing_alarms(tmp_path: Path) -> None:
    sections: Sections = {"retention": {"timezone": "UTC"}, "recording": {"hours": hours_around(-1)}}
    with camera(tmp_path / "camera", sections=sections) as agent:
        with agent.started():
            pass
        agent.configure({"recording": {"hours": hours_around(3)}})
        before = agent.headers()
        agent.start()
        wait_until(
            lambda: agent.recorder is not None and agent.recorder.resting and agent.hub is not None,
            f"it rests: {agent.said()}",
        )
        said = agent.recorder
        assert said is not None
        assert not said.recording
        assert said.resting_until_wall_ns > CLOCK.now().wall_ns
        # So small a ring cannot keep what the policy asks for, and says so.
        assert agent.faults().keys() <= {"retention"}
        assert not (agent.run_dir / "small.frames").exists()
        assert "outside the recording hours until" in agent.done("status")
        wait_until(lambda: _lasting(agent) == ["timetable"], "the rest is listed as a gap that lasts")
        assert agent.stop() == 0
        assert agent.headers() == before


@pytest.mark.row("C6")
def test_hours_that_are_none_are_refused_in_a_sentence(tmp_path: Path) -> None:
    with camera(tmp_path / "camera") as agent:
        agent.configure({"recording": {"hours": ["weekdays 7-19"]}})
        refusal = agent.refused_run()
        assert "recording.hours" in refusal
        assert "weekdays 7-19" in refusal
        assert "mon-fri 07:00-19:00" in refusal
        agent.configure({"recording": {"hours": []}, "retention": {"timezone": "Mars/Olympus"}})
        assert "Mars/Olympus" in agent.refused_run()
