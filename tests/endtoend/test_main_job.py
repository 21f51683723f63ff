"""The main job on real footage: light in, encrypted footage in the ring, events at the broker, the moment back."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import pytest
from agentstand import (
    PATIENCE_S,
    QUARTER_OF_AN_HOUR,
    SCENE,
    Agent,
    Sections,
    accepts,
    camera,
    frame_times_s,
    wait_until,
)
from subscriber import Subscriber, subscriber

from edgecam.core.clock import NS_PER_S
from edgecam.custody.register.register_line import Act

_FRAME_S = 0.1  # vtest.avi has ten frames a second


@dataclass
class Story:
    """An agent that filmed, was looked at while it did, and was stopped with Ctrl-C."""

    agent: Agent
    heard: Subscriber
    live: dict[str, Any]
    late_joiner: dict[str, str]
    copied_live: list[Path]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, vtest: str) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("main") / "camera"
    sections: Sections = {
        "analysis": {"enabled": True},
        "encoder": {"keyframe_interval_s": 1.0},
        "retention": QUARTER_OF_AN_HOUR,
    }
    with camera(folder, vtest, sections) as agent:
        agent.start()
        wait_until(lambda: accepts(agent.mqtt_port), f"the embedded broker listens: {agent.said()}")
        with subscriber(agent.mqtt_port) as heard:
            agent.wait_recording(6)
            wait_until(lambda: _people(heard), f"a person is reported: {agent.said()}")
            wait_until(lambda: any(h.body["recording"] for h in heard.of("health")), "health says recording")
            live = agent.command("status", "--json").json()
            copied = agent.export("while-running.mp4")
            joined = _retained_by_mosquitto_sub(agent.mqtt_port)
            code = agent.stop()
            wait_until(lambda: "stopped" in heard.states(), f"the broker hears of the stop: {heard.states()}")
        assert code == 0, agent.said()
        yield Story(agent, heard, live, joined, copied)


def _people(heard: Subscriber) -> bool:
    return any(message.body["kind"] == "person" for message in heard.of("event"))


def _retained_by_mosquitto_sub(port: int) -> dict[str, str]:
    """What somebody gets who subscribes only now, through the tool that the manual names."""
    program = shutil.which("mosquitto_sub")
    if program is None:
        return {}
    topic = "edgecam/+/+/status"
    shown = subprocess.run(
        [program, "-V", "5", "-p", str(port), "-t", topic, "--retained-only", "-C", "1", "-F", "%t %p"],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=True,
    )
    return dict(line.split(" ", 1) for line in shown.stdout.splitlines())


@pytest.mark.row("C1")
def test_recordings_lists_one_stretch_without_a_gap(story: Story) -> None:
    (stretch,) = story.agent.recordings()
    assert stretch["gap_cause"] == "first_start"
    assert not stretch["private"]
    assert stretch["segments"] >= 6
    assert stretch["duration_s"] >= 5


@pytest.mark.row("C3")
def test_export_plays_every_frame_at_its_time(story: Story) -> None:
    (path,) = story.agent.export("everything.mp4")
    times = frame_times_s(path)
    (stretch,) = story.agent.recordings()
    assert len(times) == sum(header.frame_count for header in story.agent.headers())
    assert times[-1] - times[0] == pytest.approx(stretch["duration_s"] - _FRAME_S, abs=0.02)
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        assert (video.codec_context.name, video.width, video.height) == ("h264", 768, 576)


def test_footage_can_be_exported_while_it_is_recorded(story: Story) -> None:
    assert len(frame_times_s(story.copied_live[0])) > 20


@pytest.mark.row("K4")
def test_verify_tells_a_changed_copy_from_the_genuine_one(story: Story) -> None:
    changed = story.agent.folder / "changed.mp4"
    data = bytearray(story.copied_live[0].read_bytes())
    data[len(data) // 2] ^= 1
    changed.write_bytes(data)
    verdict = story.agent.command("verify", str(changed))
    assert verdict.code == 1
    assert "genuine:" not in verdict.out


def test_check_finds_every_invariant_kept(story: Story) -> None:
    told = story.agent.done("check")
    assert "every invariant holds" in told
    assert "unbroken and signed" in told


@pytest.mark.row("G1")
def test_each_copy_stands_in_the_register(story: Story) -> None:
    copies = [line for line in story.agent.register_lines() if line.act is Act.COPY]
    files = [line.detail["file"] for line in copies if "file" in line.detail]
    assert "while-running.mp4" in files


def test_status_tells_programs_how_it_is(story: Story) -> None:
    assert story.live["running"]
    recorder, observer, hub = (story.live[part] for part in ("recorder", "observer", "hub"))
    assert recorder["recording"]
    assert not recorder["private"]
    assert (recorder["width"], recorder["height"]) == (768, 576)
    assert observer["detector"] != "none"
    assert observer["events"] >= 1
    assert hub["broker"] == "connected"
    assert [fault["code"] for part in (recorder, observer, hub) for fault in part["faults"]] == []


def test_status_of_a_stopped_agent(story: Story) -> None:
    told = story.agent.command("status", "--json")
    assert told.code == 1
    assert told.json() == {"running": False, "recorder": None, "observer": None, "hub": None}


@pytest.mark.row("T1")
def test_the_broker_hears_online_then_stopped(story: Story) -> None:
    states = story.heard.states()
    assert states[0] == "online"
    assert states[-1] == "stopped"
    assert "offline" not in states


@pytest.mark.row("T1")
def test_status_is_retained_for_who_comes_later(story: Story) -> None:
    if not story.late_joiner:
        pytest.skip("Debian's mosquitto-clients is not installed")
    ((topic, body),) = story.late_joiner.items()
    assert topic == f"edgecam/home/{story.agent.key.camera_id}/status"
    assert json.loads(body)["state"] == "online"


@pytest.mark.row("T4")
def test_health_says_what_an_operator_needs(story: Story) -> None:
    health = [message.body for message in story.heard.of("health")][-1]
    assert health["recording"]
    assert not health["private"]
    assert health["fps"] == pytest.approx(10, abs=2)
    assert health["bit_rate_kbps"] > 10
    assert health["days_owed"] is not None
    assert health["faults"] == []


@pytest.mark.row("A2")
def test_people_are_reported_once_a_revision_with_their_time(story: Story) -> None:
    events = [message.body for message in story.heard.of("event")]
    person = next(event for event in events if event["kind"] == "person")
    assert person["start"]["utc"].endswith("Z")
    assert person["confidence"] > 0
    assert person["reason"]
    assert len(set(story.heard.events())) == len(events)


def test_a_person_can_be_cut_out_by_the_time_of_the_event(story: Story) -> None:
    person = next(m.body for m in story.heard.of("event") if m.body["kind"] == "person")
    begin = person["start"]["utc"]
    (path,) = story.agent.export("person.mp4", from_=begin)
    assert frame_times_s(path)


@pytest.mark.row("K1")
def test_nothing_on_the_medium_is_readable_without_the_owner(story: Story) -> None:
    ring = story.agent.places.ring.read_bytes()
    for readable in (b"ftyp", b"moof", b"mdat", b"avc1", b"x264"):
        assert readable not in ring
    wrong = story.agent.command("export", "--from", "1970-01-01", "-o", "x.mp4", EDGECAM_PASSPHRASE="wrong")
    assert "passphrase does not open" in wrong.refusal
    assert not (story.agent.folder / "x.mp4").exists()


@pytest.mark.row("R6")
def test_dispose_makes_the_ring_unreadable_and_certifies_it(story: Story, tmp_path: Path) -> None:
    with camera(tmp_path / "old", made=False) as old:
        shutil.copytree(story.agent.places.state_dir, old.places.state_dir)
        before = old.places.ring.read_bytes()
        assert old.headers()
        assert "nobody is there to confirm" in old.command("dispose").refusal
        certificate = old.done("dispose", "--yes", "--reason", "the camera is sold")
        assert old.key.camera_id in certificate
        assert "the camera is sold" in certificate
        after = old.places.ring.read_bytes()
        assert len(after) == len(before)
        assert not any(
            before[at : at + 64] in after for at in range(0, len(before), 1 << 20) if any(before[at : at + 64])
        )
        assert "not a ring" in old.command("export", "--from", "1970-01-01", "-o", "x.mp4").refusal
        assert "not a ring" in old.refused_run()
        assert (old.places.state_dir / "disposal.json").exists()
        assert old.register_lines()[-1].act is Act.DISPOSAL


def test_dispose_refuses_while_the_agent_records(tmp_path: Path) -> None:
    with camera(tmp_path / "camera") as agent, agent.started():
        refusal = agent.command("dispose", "--yes").refusal
        assert "recording into this ring" in refusal
        agent.wait_recording(1)


def test_the_scene_records_for_as_long_as_it_was_told(tmp_path: Path) -> None:
    with camera(tmp_path / "camera", SCENE) as agent:
        ran = agent.command("run", "--for", "5")
        assert ran.code == 0, ran.err
        (stretch,) = agent.recordings()
        assert stretch["duration_s"] > 1
        header = agent.headers()[-1]
        assert header.end_wall_ns - agent.headers()[0].start_wall_ns < 10 * NS_PER_S
        assert len(frame_times_s(agent.copy()[0])) == sum(h.frame_count for h in agent.headers())
