"""Sources that cannot be filmed are refused in a sentence; sources that fail later cost a gap, never the agent."""

from __future__ import annotations

import os
import shutil
from itertools import pairwise
from pathlib import Path

import av
import pytest
from agentstand import QUARTER_OF_AN_HOUR, NewCamera, frame_times_s, wait_until
from videos import noise_video, two_sizes, video_with_sound

from edgecam.ringbuffer.format import GapCause


def _make(folder: Path, trouble: str) -> Path:
    path = folder / f"{trouble}.avi"
    match trouble:
        case "empty":
            path.touch()
        case "text":
            path.write_text("This is a letter to my neighbour and not a video.\n" * 200)
        case "unreadable":
            noise_video(folder / "whole.avi", 160, 120)
            data = bytearray((folder / "whole.avi").read_bytes())
            data[4096:] = bytes(len(data) - 4096)
            path.write_bytes(data)
        case "folder":
            path.mkdir()
    return path


@pytest.mark.row("C1")
@pytest.mark.parametrize("trouble", ["missing", "empty", "text", "unreadable", "folder"])
def test_a_video_that_is_none_is_refused_in_one_sentence(
    new_camera: NewCamera, tmp_path: Path, trouble: str
) -> None:
    path = _make(tmp_path, trouble)
    agent = new_camera(f"file:{path}")
    refusal = agent.refused_run()
    assert str(path) in refusal
    assert agent.headers() == []


@pytest.mark.parametrize("source", ["camera", "scene:ocean", "file:", "rtsp://", "scene:street?seed=-1"])
def test_a_source_that_nobody_knows_is_refused(new_camera: NewCamera, source: str) -> None:
    assert source.split("?")[0].split(":")[-1] in new_camera().refused_run("--source", source)


@pytest.mark.row("C2")
def test_sound_is_dropped_and_that_is_said(new_camera: NewCamera, tmp_path: Path) -> None:
    video = video_with_sound(tmp_path / "loud.mp4")
    with av.open(str(video)) as container:
        assert container.streams.audio
    agent = new_camera(f"file:{video}")
    with agent.started():
        wait_until(lambda: agent.recorder is not None and agent.recorder.audio_dropped, "the drop is said")
        told = agent.command("status", "--json").json()
        assert told["recorder"]["audio_dropped"]
        agent.wait_recording(4)
    (path,) = agent.copy()
    with av.open(str(path)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
    # The sound's packets lie between the pictures': not one picture may be missing for it.
    times = frame_times_s(path)
    assert max(after - before for before, after in pairwise(times)) < 0.15


@pytest.mark.row("C5")
def test_a_source_that_goes_away_is_told_and_comes_back(new_camera: NewCamera, tmp_path: Path) -> None:
    video = noise_video(tmp_path / "noise.mkv", 160, 120)
    away = tmp_path / "away.mkv"
    agent = new_camera(f"file:{video}", {"retention": QUARTER_OF_AN_HOUR})
    with agent.started():
        video.rename(away)
        assert str(video) in agent.wait_fault("source_lost")
        before = len(agent.headers())
        away.rename(video)
        wait_until(lambda: len(agent.headers()) > before, f"it records again: {agent.said()}")
        wait_until(lambda: not agent.faults(), "the fault is over")
    assert GapCause.SOURCE_LOST in [header.gap_cause for header in agent.headers()]
    assert "source_lost" in [stretch["gap_cause"] for stretch in agent.recordings()]
    assert len(frame_times_s(agent.copy()[0])) == sum(header.frame_count for header in agent.headers())


@pytest.mark.long
@pytest.mark.row("C5")
def test_a_video_cut_short_while_it_plays_does_not_end_the_recording(new_camera: NewCamera, tmp_path: Path) -> None:
    video = noise_video(tmp_path / "noise.mkv", 160, 120, frames=40)
    agent = new_camera(f"file:{video}")
    with agent.started():
        os.truncate(video, video.stat().st_size // 2)
        agent.wait_recording(12)
    assert "Traceback" not in agent.said()


@pytest.mark.row("C5")
def test_a_camera_that_is_not_there_yet_is_waited_for(new_camera: NewCamera) -> None:
    agent = new_camera("v4l2:/dev/video-of-nobody")
    agent.start()
    sentence = agent.wait_fault("source_lost")
    assert "there is no camera at /dev/video-of-nobody" in sentence
    assert "plug it in" in sentence
    told = agent.command("status", "--json").json()
    assert not told["recorder"]["recording"]
    assert agent.stop() == 0
    assert "Traceback" not in agent.said()


@pytest.mark.row("C3")
def test_a_source_that_changes_its_size_goes_on_with_a_new_init(new_camera: NewCamera, tmp_path: Path) -> None:
    video, other = noise_video(tmp_path / "now.mkv", 320, 240), noise_video(tmp_path / "next.mkv", 160, 120)
    agent = new_camera(f"file:{video}")
    with agent.started():
        other.rename(video)
        wait_until(
            lambda: agent.recorder is not None and agent.recorder.width == 160, f"the new size: {agent.said()}"
        )
        agent.wait_recording(3)
    before, after = agent.copy()
    for path, size in ((before, (320, 240)), (after, (160, 120))):
        with av.open(str(path)) as container:
            assert {(frame.width, frame.height) for frame in container.decode(video=0)} == {size}
    frames = len(frame_times_s(before)) + len(frame_times_s(after))
    assert frames == sum(header.frame_count for header in agent.headers())


@pytest.mark.long
def test_a_stream_with_two_sizes_in_it_does_not_end_the_recording(new_camera: NewCamera, tmp_path: Path) -> None:
    video = two_sizes(tmp_path / "two.h264")
    agent = new_camera(f"file:{video}")
    with agent.started():
        sentence = agent.wait_fault("source_lost")
        assert "from 320x240 to 160x120" in sentence
        agent.wait_recording(2)
    for path in agent.copy():
        assert frame_times_s(path)


def test_a_second_camera_of_the_same_settings_is_refused(new_camera: NewCamera) -> None:
    agent = new_camera()
    with agent.started():
        assert "already runs" in agent.refused_run()
        agent.wait_recording()


def test_the_same_ring_is_not_written_by_two_agents(new_camera: NewCamera) -> None:
    agent, other = new_camera(), new_camera(made=False)
    shutil.copytree(agent.places.state_dir, other.places.state_dir)
    other.configure({"ring": {"path": str(agent.places.ring)}})
    with agent.started():
        ran = other.command("run", "--for", "4")
        assert f"another recorder writes to {agent.places.ring}" in ran.err
        assert "Traceback" not in ran.err
        agent.wait_recording()
    assert "every invariant holds" in agent.done("check")
