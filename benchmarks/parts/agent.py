"""The whole agent, run as an owner runs it, with its CPU time and memory taken from outside."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from edgecam.core.clock import NS_PER_S, SystemClock
from edgecam.core.errors import DataLoss, Unavailable
from edgecam.core.smallframes import SmallFrameReader
from edgecam.core.status import RecorderStatus, read_status
from edgecam.keys.camera import load_camera_key
from edgecam.masking.aimstore import AimStore
from edgecam.places import Places, find_places
from edgecam.settings import (
    AnalysisSettings,
    EncoderSettings,
    PathSettings,
    RingSettings,
    Settings,
    TelemetrySettings,
    WebSettings,
    commented_toml,
)
from parts.footage import FPS
from parts.maskset import mask_set
from parts.processes import Process, part_of, tree

CLOCK = SystemClock()
_STARTS_WITHIN_S = 60
_STOPS_WITHIN_S = 30.0
_RING_GIB = 0.25


@dataclass(frozen=True, slots=True)
class AgentRun:
    """One window of a running agent. CPU seconds are per second; memory is each process's peak since it began."""

    cpu_s_per_s: dict[str, float]
    peak_rss_mb: dict[str, float]
    fps: float
    frames_dropped: int
    kbps: float

    @property
    def whole(self) -> float:
        return sum(self.cpu_s_per_s.values())


@dataclass(frozen=True, slots=True)
class Agent:
    """A camera of its own in ``folder`` and, for what passes, ``run_dir`` (in RAM); both are empty before."""

    folder: Path
    run_dir: Path

    @property
    def _settings(self) -> Path:
        return self.folder / "edgecam.toml"

    def set_up(self, *, analysis: bool, preset: str, kbps: int) -> None:
        """Settings, keys, masks and ring, and the word that the aim is right.

        Ports are free ones, so that nothing that runs already is disturbed.
        """
        broker_port, page_port = _free_ports()
        settings = Settings(
            encoder=EncoderSettings(preset=preset, bit_rate_kbps=kbps),
            ring=RingSettings(size_gib=_RING_GIB),
            analysis=AnalysisSettings(enabled=analysis),
            telemetry=TelemetrySettings(embedded_port=broker_port),
            web=WebSettings(port=page_port),
            paths=PathSettings(state_dir=str(self.folder / "state"), run_dir=str(self.run_dir)),
        )
        self._settings.write_text(commented_toml(settings), "utf-8")
        environment = dict(os.environ, EDGECAM_PASSPHRASE="seven blue herons cross the estuary 42")
        self._edgecam("setup", check=True, env=environment, stdout=subprocess.DEVNULL)
        places = self._places()
        key = load_camera_key(places.camera_key)
        masks = mask_set(key)
        places.masks.write_bytes(masks.encode())
        AimStore(places.masks, key).confirm("a benchmark", CLOCK.now(), masks.mask_hash)

    def run(
        self,
        source: str,
        first_frame: int,
        frames: int,
        *,
        began: Callable[[int], None] = lambda origin_ns: None,
        at_edge: Callable[[], None] = lambda: None,
    ) -> AgentRun:
        """Play ``source`` and measure while ``frames`` frames pass, from number ``first_frame`` on.

        ``began`` is told the boot time of frame 0 as soon as the agent shows pictures; ``at_edge`` is called at
        both ends of the window, so that a peer can be looked at in the same moments.
        """
        with self.running(source) as supervisor:
            origin_ns = self._await_origin_ns(supervisor)
            began(origin_ns)
            self._sleep_until(origin_ns + first_frame * NS_PER_S // FPS)
            before, first = tree(supervisor.pid), self._recorder()
            at_edge()
            self._sleep_until(origin_ns + (first_frame + frames) * NS_PER_S // FPS)
            after, last = tree(supervisor.pid), self._recorder()
            at_edge()
        return AgentRun(
            cpu_s_per_s=_used(before, after, frames / FPS),
            peak_rss_mb={part_of(process): process.peak_rss_mb for process in after.values()},
            # Both counts are up to a second old, by the clock that stands beside them.
            fps=(last.frames - first.frames) * NS_PER_S / max(1, last.beat_mono_ns - first.beat_mono_ns),
            frames_dropped=last.frames_dropped,
            kbps=last.bit_rate_kbps,
        )

    def _edgecam(self, *words: str, **how: object) -> None:
        command = [sys.executable, "-m", "edgecam", words[0], "--settings", str(self._settings), *words[1:]]
        subprocess.run(command, **how)  # type: ignore[call-overload]

    @contextlib.contextmanager
    def running(self, source: str) -> Iterator[subprocess.Popen[bytes]]:
        """The agent at work on ``source``, as its supervisor's process; stopped in order at the end."""
        log = self.folder / "log"
        command = [sys.executable, "-m", "edgecam", "run", "--settings", str(self._settings), "--source", source]
        with log.open("wb") as output:
            supervisor = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
        try:
            yield supervisor
        finally:
            supervisor.send_signal(signal.SIGINT)
            try:
                supervisor.wait(_STOPS_WITHIN_S)
            except subprocess.TimeoutExpired:
                supervisor.kill()
                supervisor.wait()

    def _await_origin_ns(self, supervisor: subprocess.Popen[bytes]) -> int:
        """When frame 0 was captured, reckoned from the first small picture that is shown."""
        deadline_ns = CLOCK.mono_ns() + _STARTS_WITHIN_S * NS_PER_S
        while supervisor.poll() is None and CLOCK.mono_ns() < deadline_ns:
            with contextlib.suppress(Unavailable, DataLoss):
                shown = SmallFrameReader(self._places().small_frames).newest()
                if shown is not None:
                    return shown.captured_mono_ns - shown.sequence * NS_PER_S // FPS
            CLOCK.sleep(0.02)
        said = (self.folder / "log").read_text(errors="replace")
        raise Unavailable(f"the agent did not record; it said: {said[-600:]}")

    def _sleep_until(self, mono_ns: int) -> None:
        CLOCK.sleep((mono_ns - CLOCK.mono_ns()) / NS_PER_S)

    def _recorder(self) -> RecorderStatus:
        said = read_status(self._places().status_of("recorder"), RecorderStatus)
        if said is None:
            raise Unavailable("the recorder says nothing about itself", do="look at its log")
        return said

    def _places(self) -> Places:
        return find_places(self._settings)[1]


def _used(before: dict[int, Process], after: dict[int, Process], took_s: float) -> dict[str, float]:
    """By part, what was used between two looks; a process that ended or began in between would be an accident."""
    if before.keys() != after.keys():
        raise Unavailable("a part of the agent ended or was started anew while it was measured")
    used: dict[str, float] = {}
    for pid, process in after.items():
        part = part_of(process)
        used[part] = used.get(part, 0.0) + (process.cpu_s - before[pid].cpu_s) / took_s
    return used


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        for taken in (one, other):
            taken.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]
