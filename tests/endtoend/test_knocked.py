"""A camera that is knocked shows nothing more, says so, remembers it, and comes back by a person's word."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest
from agentstand import Agent, Sections, camera, wait_until
from subscriber import subscriber
from videos import knocked_video

from edgecam.custody.register.register_line import Act
from edgecam.masking.fill import FILL_Y

pytestmark = [pytest.mark.row("M4"), pytest.mark.row("M5")]
_STILL_S, _KNOCKED_S = 20, 60
_GUARDED: Sections = {
    "camera": {"width": 640, "height": 360},
    "masking": {"guard_aim": True},
    "analysis": {"enabled": True, "person": False, "vehicle": False},
}


def wait_aim(agent: Agent, state: str) -> None:
    wait_until(
        lambda: agent.recorder is not None and agent.recorder.aim == state,
        f"the aim is {state}: {agent.recorder} {agent.said()}",
    )


def test_a_knocked_camera_is_private_until_a_person_confirms(tmp_path: Path) -> None:
    video = knocked_video(tmp_path / "knocked.mp4", _STILL_S, _KNOCKED_S)
    with camera(tmp_path / "camera", f"file:{video}?loop=0", _GUARDED) as agent:
        assert json.loads(agent.done("aim", "--json"))["state"] == "not running"
        with agent.started(), subscriber(agent.mqtt_port) as heard:
            wait_aim(agent, "steady")
            steady = agent.recorder
            assert steady is not None
            assert not steady.private
            assert "steady: the confirmed view" in agent.done("aim")
            wait_aim(agent, "moved")
            said = agent.wait_fault("aim")
            assert "10.0 % of the width to the left" in said
            knocked = agent.recorder
            assert knocked is not None
            assert knocked.private
            wait_until(lambda: any(one.body["kind"] == "moved" for one in heard.of("event")), "the event moved")
            moved = next(one.body for one in heard.of("event") if one.body["kind"] == "moved")
            assert "left" in moved["reason"]
        _assert_knocked_part_is_fill(agent)
        # Put back, and started anew: nobody has looked yet.
        knocked_video(video, _STILL_S + _KNOCKED_S, 0)
        with agent.started():
            wait_aim(agent, "moved")
            assert agent.recorder is not None
            assert agent.recorder.private
            agent.done("aim", "confirm", "--by", "M. Tanaka")
            wait_aim(agent, "steady")
            wait_until(lambda: agent.recorder is not None and not agent.recorder.private, "it shows again")
            assert "confirmed by M. Tanaka" in agent.done("aim")
        line = next(line for line in agent.register_lines() if line.act is Act.AIM_CONFIRM)
        assert (line.who, line.detail["aim_before"], line.detail["as"]) == ("M. Tanaka", "moved", "owner")


def _assert_knocked_part_is_fill(agent: Agent) -> None:
    """Of what was recorded once the camera was knocked no more than two seconds show anything."""
    shown_s = 0.0
    private = 0
    for path in agent.copy():
        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                luma = frame.to_ndarray(format="yuv420p")[:360]
                fill = bool(np.all(np.abs(luma.astype(np.int16) - FILL_Y) <= 4))
                private += fill
                shown_s += 0 if fill else 0.1
    assert private > 30
    assert shown_s < _STILL_S + 2
