"""SIGKILL of any process at any moment: what keeps recording, what comes back, and what it costs at most."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from agentstand import CLOCK, QUARTER_OF_AN_HOUR, Agent, accepts, camera, frame_times_s, is_alive, wait_until
from subscriber import Subscriber, subscriber

from edgecam.core.clock import NS_PER_S
from edgecam.ringbuffer.format import GapCause, SegmentHeader

_ROUNDS = 3
_MOST_LOST_S = 2.0
_BACK_WITHIN_S = 3.0


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, vtest: str) -> Iterator[Agent]:
    """An agent on real footage whose observer and hub work."""
    folder = tmp_path_factory.mktemp("kills") / "camera"
    with camera(folder, vtest, {"analysis": {"enabled": True}}) as agent, agent.started():
        yield agent


def _pid(agent: Agent, part: str) -> int:
    status = getattr(agent, part)
    return status.pid if status is not None else 0


def _kill(agent: Agent, part: str) -> int:
    """Kill ``part`` and return when another process has taken its place; the pid it had."""
    wait_until(lambda: is_alive(_pid(agent, part)), f"the {part} runs: {agent.said()}")
    old = _pid(agent, part)
    os.kill(old, signal.SIGKILL)
    wait_until(lambda: _pid(agent, part) not in (0, old), f"the {part} comes back: {agent.said()}")
    return old


@pytest.mark.row("C4")
@pytest.mark.row("C5")
@pytest.mark.parametrize("part", ["observer", "hub"])
def test_killing_those_who_look_and_talk_leaves_no_gap(watched: Agent, part: str) -> None:
    recorder, before = _pid(watched, "recorder"), len(watched.headers())
    gone = {_kill(watched, part) for _ in range(_ROUNDS)}
    watched.wait_recording(2)
    assert len(gone) == _ROUNDS
    assert _pid(watched, "recorder") == recorder
    assert len(watched.headers()) > before + 2
    assert [header.gap_cause for header in watched.headers()[1:]] == [GapCause.NONE] * (len(watched.headers()) - 1)
    (path,) = watched.copy(f"{part}.mp4")
    times = frame_times_s(path)
    intervals = [after - earlier for earlier, after in pairwise(times)]
    assert len(times) > 30
    assert max(intervals) <= 1.5 * 0.1
    assert min(intervals) > 0


def _uncommitted_s(agent: Agent) -> float:
    """How much footage there is now that is not committed yet."""
    last = agent.headers()[-1]
    return (CLOCK.mono_ns() - last.start_mono_ns - last.duration_ns) / NS_PER_S


def _after(headers: list[SegmentHeader], moment_ns: int) -> SegmentHeader | None:
    return next((header for header in headers if header.start_mono_ns > moment_ns), None)


@pytest.mark.row("C4")
@pytest.mark.row("R7")
def test_killing_the_recorder_costs_two_seconds_and_it_is_back_in_three(tmp_path: Path) -> None:
    # The interval that a camera has by default: it is what a kill costs.
    sections = {"encoder": {"keyframe_interval_s": 1.0}}
    with camera(tmp_path / "camera", sections=sections) as agent, agent.started():
        for number, uncommitted_s in enumerate((0.1, 0.5, 0.9), 1):
            agent.wait_recording(2)
            wait_until(lambda: _uncommitted_s(agent) >= uncommitted_s, "the worst moment to be killed")  # noqa: B023
            pid = _pid(agent, "recorder")
            killed_ns = CLOCK.mono_ns()
            os.kill(pid, signal.SIGKILL)
            before = agent.headers()
            wait_until(lambda: _after(agent.headers(), killed_ns) is not None, f"it records again: {agent.said()}")  # noqa: B023 - called at once
            first = _after(agent.headers(), killed_ns)
            assert first is not None
            last = before[-1]
            lost_s = (killed_ns - last.start_mono_ns - last.duration_ns) / NS_PER_S
            back_s = (first.start_mono_ns - killed_ns) / NS_PER_S
            assert lost_s <= _MOST_LOST_S
            assert back_s <= _BACK_WITHIN_S
            assert agent.headers()[: len(before)] == before
            assert first.gap_cause is GapCause.RESTART
            assert first.gap_ns == pytest.approx(
                first.start_mono_ns - last.start_mono_ns - last.duration_ns, abs=1e6
            )
            wait_until(lambda: _pid(agent, "recorder") != pid, "the new recorder says how it is")  # noqa: B023
            listed = agent.recordings()
            assert [stretch["gap_cause"] for stretch in listed] == ["first_start"] + ["restart"] * number
            assert listed[-1]["gap_before_s"] == pytest.approx(first.gap_ns / NS_PER_S, abs=0.01)
    (path,) = agent.copy()
    assert len(frame_times_s(path)) == sum(header.frame_count for header in agent.headers())
    assert agent.done("recordings", "--gaps").count("restart") == 3
    assert "every invariant holds" in agent.done("check")


@pytest.mark.row("R7")
def test_killing_the_supervisor_ends_all_and_loses_nothing(tmp_path: Path) -> None:
    with camera(tmp_path / "camera", sections={"analysis": {"enabled": True}}) as agent:
        agent.start()
        agent.wait_recording()
        wait_until(lambda: all(_pid(agent, part) for part in ("observer", "hub")), f"all run: {agent.said()}")
        parts = [_pid(agent, part) for part in ("recorder", "observer", "hub")]
        before = agent.headers()
        os.kill(agent.pid, signal.SIGKILL)
        assert agent.ended() == -signal.SIGKILL
        wait_until(lambda: not any(map(is_alive, parts)), "the children end with their supervisor")
        wait_until(lambda: not accepts(agent.mqtt_port), "the embedded broker ends too")
        with agent.started():
            agent.wait_recording()
        assert agent.headers()[: len(before)] == before
        # Its children were stopped by its death, which nobody had planned.
        assert agent.recordings()[-1]["gap_cause"] == "restart"
        (path,) = agent.copy()
        assert len(frame_times_s(path)) == sum(header.frame_count for header in agent.headers())


@pytest.mark.long
@pytest.mark.row("T4")
def test_a_recorder_that_hangs_is_told_and_started_anew(tmp_path: Path) -> None:
    """A stopped process is as silent as a hung one; what it said last must not be believed for ever."""
    sections = {"retention": QUARTER_OF_AN_HOUR}
    with (
        camera(tmp_path / "camera", sections=sections) as agent,
        agent.started(),
        subscriber(agent.mqtt_port) as heard,
    ):
        # Analysis is switched off, which is no fault.
        wait_until(
            lambda: _told(heard, recording=True) and not heard.of("health")[-1].body["faults"], "all is well"
        )
        pid = _pid(agent, "recorder")
        os.kill(pid, signal.SIGSTOP)
        wait_until(lambda: _told(heard, recording=False), f"the silence is told: {heard.heard}")
        assert "recorder_silent" in [fault["code"] for fault in heard.of("health")[-1].body["faults"]]
        wait_until(lambda: _pid(agent, "recorder") not in (0, pid), "another recorder takes its place")
        wait_until(lambda: _told(heard, recording=True), "it is told when it works again")
        assert agent.recordings()[-1]["gap_cause"] == "restart"


def _told(heard: Subscriber, *, recording: bool) -> bool:
    health = heard.of("health")
    return bool(health) and health[-1].body["recording"] is recording


def test_a_clean_stop_is_told_apart_from_a_kill(tmp_path: Path) -> None:
    with camera(tmp_path / "camera") as agent:
        for number in (signal.SIGINT, signal.SIGTERM):
            agent.start()
            agent.wait_recording()
            assert agent.stop(number) == 0
        assert [stretch["gap_cause"] for stretch in agent.recordings()] == ["first_start", "planned_stop"]
        assert "Traceback" not in agent.said()
