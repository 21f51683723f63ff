"""What the whole agent costs: beside libx264 alone, and beside Motion; its memory; whether it loses frames.

**Footage.** 32 s of people and cars at 1080p15 with mild sensor noise, see `parts/footage.py`.

**Beside the bare encoder.** The agent plays the raw frames in real time through its ordinary ``file:`` source, with
three masks over 32 % of the picture; counted are supervisor, recorder, observer, hub and embedded broker, without a
terminal display. The bare encoder is a program of 100 lines (`parts/bareencoder.py`): libx264 through PyAV at the
same settings and pace, its packets thrown away, fed the same frames *with the masks burnt in already* (a picture
that is partly one colour is cheaper to encode, and that saving is not ours to claim). Both read their raw frames
from the page cache the same way: demux, and one copy into a picture of their own. That reading is a cost of the
bench, not of a camera; it is in both sides of the ratio, and what the ratio would be without it stands beside.

**Beside Motion.** Motion and the agent (with analysis) play one and the same H.264 file in real time, both decode,
mask and record it without pause. Motion's x264 settings are fixed in its source (ultrafast, zerolatency), so the
agent uses the preset ultrafast here, at the same bit rate. A plain ``ffmpeg`` decode + libx264 + segments, without
masks, stands beside.

**How it is counted.** CPU time is what the kernel counts for each process (user and system, all threads), as the
difference over a window that begins after 12 s of recording: start-up and taking the view's reference are left out,
the ring's flushes, status files and health messages are in. The agent and its peer run *at the same time*, the bare
encoder on the same frames at the same moments, so that whatever else the machine does meets both; the figure is the
median of several rounds. That makes ratios that can be compared on a machine with other work to do, not absolute
figures. It needs two cores that one of each can live on. Memory is each process's own peak (VmHWM, libraries
included) since it began, the highest of all rounds with analysis. Dropped frames are counted over all rounds.

``EDGECAM_BENCH_SECONDS`` (20) is the length of a window, ``EDGECAM_BENCH_ROUNDS`` (4) the number of rounds,
``EDGECAM_BENCH_CACHE`` the folder in which 3 GB of frames are made once and kept. Six to seven minutes in all; how
far it has come is told on standard error.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

# `edgecam bench` runs this file by its path, so nothing has told Python where its parts are.
sys.path.insert(0, str(Path(__file__).parent))

from parts.agent import CLOCK, Agent, AgentRun
from parts.footage import FPS, Footage, footage
from parts.machine import machine
from parts.measured import Measure, measured
from parts.peers import BareEncoder, Motion, PeerRun, ffmpeg_segments

PRESET, PEER_PRESET, KBPS = "superfast", "ultrafast", 4000
FIRST_FRAME = 12 * FPS


@dataclass
class Runs:
    """Everything that ran; agent runs and what ran beside them have the same places in their lists."""

    reading: list[PeerRun] = field(default_factory=list)
    plain: list[AgentRun] = field(default_factory=list)
    beside_plain: list[PeerRun] = field(default_factory=list)
    looking: list[AgentRun] = field(default_factory=list)
    beside_looking: list[PeerRun] = field(default_factory=list)
    from_file: list[AgentRun] = field(default_factory=list)
    motion: list[PeerRun] = field(default_factory=list)
    ffmpeg: list[PeerRun] = field(default_factory=list)


def measure() -> dict[str, object]:
    """Run it all. Raises: BadInput without the footage, Unavailable when the agent does not record."""
    frames = round(float(os.environ.get("EDGECAM_BENCH_SECONDS", "20")) * FPS)
    rounds = int(os.environ.get("EDGECAM_BENCH_ROUNDS", "4"))
    _say("looking for the frames; making them takes about a minute")
    made, runs = footage(), Runs()
    for number in range(rounds):
        _say(f"round {number + 1} of {rounds}")
        runs.reading.append(_reading(made, frames // 4))
        for agent, peer, analysis in (
            (runs.plain, runs.beside_plain, False),
            (runs.looking, runs.beside_looking, True),
        ):
            run, bare = _beside_the_encoder(made, frames, analysis=analysis)
            agent.append(run)
            peer.append(bare)
        if number % 2 == 0:
            _beside_motion(runs, made, frames)
    return {"bench": "pipeline", "machine": machine(), "measures": _measures(runs)}


def _reading(made: Footage, frames: int) -> PeerRun:
    return BareEncoder(made.masked, CLOCK.mono_ns(), FPS, frames, PRESET, KBPS, encode=False).result()


def _beside_the_encoder(made: Footage, frames: int, *, analysis: bool) -> tuple[AgentRun, PeerRun]:
    peers: list[BareEncoder] = []

    def began(origin_ns: int) -> None:
        peers.append(BareEncoder(made.masked, origin_ns, FIRST_FRAME, frames, PRESET, KBPS))

    with _camera(analysis=analysis, preset=PRESET) as agent:
        run = agent.run(f"file:{made.raw}?loop=1", FIRST_FRAME, frames, began=began)
    return run, peers[0].result()


def _beside_motion(runs: Runs, made: Footage, frames: int) -> None:
    source = f"file:{made.h264}?loop=1"
    with (
        _camera(analysis=True, preset=PEER_PRESET) as agent,
        tempfile.TemporaryDirectory(prefix="edgecam-bench-") as folder,
    ):
        if shutil.which("motion") is None:
            runs.from_file.append(agent.run(source, FIRST_FRAME, frames))
        else:
            with Motion(made.h264, KBPS, Path(folder) / "motion") as motion:
                runs.from_file.append(agent.run(source, FIRST_FRAME, frames, at_edge=motion.look))
            runs.motion.append(motion.result())
        if told := ffmpeg_segments(made.h264, frames / FPS, PEER_PRESET, KBPS, Path(folder) / "ffmpeg"):
            runs.ffmpeg.append(told)


@contextmanager
def _camera(*, analysis: bool, preset: str) -> Iterator[Agent]:
    """A new camera that leaves nothing behind."""
    with (
        tempfile.TemporaryDirectory(prefix="edgecam-bench-") as folder,
        tempfile.TemporaryDirectory(prefix="edgecam-bench-", dir="/dev/shm") as run_dir,
    ):
        agent = Agent(Path(folder), Path(run_dir))
        agent.set_up(analysis=analysis, preset=preset, kbps=KBPS)
        yield agent


def _measures(runs: Runs) -> list[Measure]:
    return [
        _beside_bare("agent_cpu_vs_encoder_no_analysis", runs.plain, runs.beside_plain, runs, 1.05),
        _beside_bare("agent_cpu_vs_encoder", runs.looking, runs.beside_looking, runs, 1.30),
        _motion_measure(runs),
        _memory("recorder", runs, 150),
        _memory("observer", runs, 180),
        _memory("hub", runs, 120),
        _dropped(runs),
    ]


def _beside_bare(name: str, agent: list[AgentRun], bare: list[PeerRun], runs: Runs, aim: float) -> Measure:
    reading = min(run.cpu_s_per_s for run in runs.reading)
    pairs = [(run.whole, peer.cpu_s_per_s) for run, peer in zip(agent, bare, strict=True)]
    ratios = [whole / peer for whole, peer in pairs]
    without = [(whole - reading) / (peer - reading) for whole, peer in pairs]
    beside = (
        f"CPU s a second: agent {_parts(agent)}, bare libx264 {_median(bare):.4f}; rounds {_list(ratios)}; "
        f"reading raw frames is {reading:.4f} of each, without it {median(without):.3f}; "
        f"bit rates {median(run.kbps for run in agent):.0f} and {median(run.kbps for run in bare):.0f} kbit/s"
    )
    return measured(name, round(median(ratios), 3), "ratio", aim, beside)


def _motion_measure(runs: Runs) -> Measure:
    name, aim, agent = "agent_cpu_vs_motion", 0.8, f"agent {_parts(runs.from_file)}"
    plain = f"ffmpeg without masks {_median(runs.ffmpeg):.4f}" if runs.ffmpeg else "no ffmpeg here"
    if not runs.motion:
        return measured(name, None, "ratio", aim, f"Debian's motion is not installed; {agent}; {plain}")
    ratios = [run.whole / peer.cpu_s_per_s for run, peer in zip(runs.from_file, runs.motion, strict=True)]
    beside = (
        f"CPU s a second: {agent}, Motion {_median(runs.motion):.4f}, {plain}; rounds {_list(ratios)}; "
        f"bit rates {median(run.kbps for run in runs.from_file):.0f} and "
        f"{median(run.kbps for run in runs.motion):.0f} kbit/s; Motion {runs.motion[0].peak_rss_mb:.0f} MB resident"
    )
    return measured(name, round(median(ratios), 3), "ratio", aim, beside)


def _memory(part: str, runs: Runs, aim: int) -> Measure:
    peaks = [run.peak_rss_mb[part] for run in runs.looking]
    others = {key: max(run.peak_rss_mb[key] for run in runs.looking) for key in ("supervisor", "broker")}
    beside = f"rounds {_list(peaks, 0)}; supervisor {others['supervisor']:.0f}, broker {others['broker']:.0f} MB"
    return measured(f"{part}_rss_mb", round(max(peaks), 1), "MB", aim, beside)


def _dropped(runs: Runs) -> Measure:
    all_runs = [*runs.plain, *runs.looking, *runs.from_file]
    beside = f"{len(all_runs)} runs, {_list([run.fps for run in all_runs], 2)} of {FPS} frames a second recorded"
    return measured("frames_dropped", sum(run.frames_dropped for run in all_runs), "frames", 0, beside)


def _parts(runs: list[AgentRun]) -> str:
    """The whole agent's median, and how it divides."""
    names = sorted(runs[0].cpu_s_per_s, key=lambda name: -runs[0].cpu_s_per_s[name])
    each = ", ".join(f"{name} {median(run.cpu_s_per_s[name] for run in runs):.4f}" for name in names)
    return f"{median(run.whole for run in runs):.4f} ({each})"


def _median(runs: list[PeerRun]) -> float:
    return median(run.cpu_s_per_s for run in runs)


def _list(values: list[float], digits: int = 3) -> str:
    return " ".join(f"{value:.{digits}f}" for value in values)


def _say(words: str) -> None:
    print(f"bench pipeline: {words}", file=sys.stderr, flush=True)
