"""The whole agent under a policy: it lowers its bit rate where that keeps it, and says so where nothing does."""

from __future__ import annotations

from pathlib import Path

import pytest
from agentstand import NewCamera, wait_until
from videos import noise_video

pytestmark = pytest.mark.row("R2")


def test_a_busy_source_is_held_to_what_its_policy_allows(new_camera: NewCamera, tmp_path: Path) -> None:
    video = noise_video(tmp_path / "noise.mkv", 320, 240)
    sections = {"ring": {"size_gib": 0.0157}, "retention": {"policy": "own", "days": 0.003}}
    agent = new_camera(f"file:{video}", sections)
    # Sixteen mebibytes for four minutes and a quarter: about 340 kbit/s; the noise would take two thousand.
    with agent.started():
        wait_until(lambda: bool(agent.recorder and agent.recorder.segments > 4), "it records")
        wait_until(lambda: bool(agent.recorder and 0 < agent.recorder.bit_rate_kbps < 450), "the cap holds")
        assert "retention" not in agent.faults()
    assert len({header.epoch for header in agent.headers()}) <= 3


def test_a_policy_that_the_ring_cannot_keep_is_refused_by_the_plan_and_a_standing_fault(
    new_camera: NewCamera,
) -> None:
    agent = new_camera()
    refused = agent.command("plan").refusal
    assert "kumagaya's 14 days cannot be kept in 0.06 GiB" in refused
    assert "ring.size_gib" in refused
    with agent.started():
        assert "14 days" in agent.wait_fault("retention")
        agent.wait_recording()
