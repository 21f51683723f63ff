"""Rules in a running agent: a wrong one is a fault, and an observer that is killed tells nothing twice."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from agentstand import Agent, camera, is_alive, wait_until

from edgecam.core.events import Event, EventKind
from edgecam.core.recent import read_recent

_ROUNDS = 3
# Somebody is always on the path of the footage, so that one intrusion lasts as long as it is watched.
_PATH = """
[[zone]]
name = "path"
polygon = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]
[[rule]]
kind = "intrusion"
zone = "path"
"""
_WRONG = """
[[rule]]
kind = "intrusion"
zone = "moon"
"""


def _with_rules(agent: Agent, rules: str) -> None:
    agent.settings.write_text(agent.settings.read_text() + rules)


def _intrusions(agent: Agent) -> list[Event]:
    return [event for event in read_recent(agent.run_dir / "events.jsonl") if event.kind == EventKind.INTRUSION]


def _looking(agent: Agent) -> int:
    """The process that looks, once it has looked; 0 before."""
    status = agent.observer
    return status.pid if status is not None and status.frames else 0


@pytest.mark.row("A3")
def test_a_wrong_rule_is_a_fault_and_the_others_and_the_recording_go_on(tmp_path: Path, vtest: str) -> None:
    with camera(tmp_path / "camera", vtest, {"analysis": {"enabled": True}}) as agent:
        _with_rules(agent, _PATH + _WRONG)
        with agent.started():
            said = agent.wait_fault("rule")
            assert said.startswith("rule 2 (intrusion) names the zone 'moon', which is not there")
            wait_until(lambda: bool(_intrusions(agent)), f"the sound rule works: {agent.said()}")
            agent.wait_recording(2)
        assert _intrusions(agent)[0].end_wall_ns is not None


@pytest.mark.row("C5")
def test_a_killed_observer_comes_back_and_tells_nothing_twice(tmp_path: Path, vtest: str) -> None:
    with camera(tmp_path / "camera", vtest, {"analysis": {"enabled": True}}) as agent:
        _with_rules(agent, _PATH)
        with agent.started():
            wait_until(lambda: bool(_intrusions(agent)), f"somebody is seen: {agent.said()}")
            (open_one,) = _intrusions(agent)
            for _ in range(_ROUNDS):
                pid = _looking(agent)
                os.kill(pid, signal.SIGKILL)
                wait_until(lambda: _looking(agent) not in (0, pid), f"it looks again: {agent.said()}")  # noqa: B023
                assert not is_alive(pid)
                looked = agent.observer
                assert looked is not None
                wait_until(lambda: (agent.observer or looked).frames > 60, "it has looked for twelve seconds")  # noqa: B023
                assert _intrusions(agent) == [open_one]
        (ended,) = _intrusions(agent)
        assert (ended.event_id, ended.revision) == (open_one.event_id, 1)
        lasting = [event for event in read_recent(agent.run_dir / "events.jsonl") if event.end_wall_ns is None]
        assert lasting == []
