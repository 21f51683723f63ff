"""A real observer process that looks at real shared memory, fed at the pace of a recorder; its CPU and memory."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edgecam.core.clock import NS_PER_S, SystemClock
from edgecam.core.errors import Unavailable
from edgecam.core.picture import Picture
from edgecam.core.smallframes import SmallFrameWriter
from edgecam.core.status import ObserverStatus, read_status
from edgecam.places import find_places, prepare_run_dir
from parts.agent import Agent
from parts.processes import Process, tree

# What a recorder shows of 15 frames a second, and what an observer looks at unless told otherwise.
SHOWN_PER_S = 5
_WARMING_S = 15.0
_STOPS_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class ObserverRun:
    """One window: ``cpu_share`` of a core, peak resident MB since it began, looks and crops in it."""

    cpu_share: float
    peak_rss_mb: float
    looks: int
    events: int
    look_ms: float


def observed(pictures: Iterator[Picture], seconds: float) -> ObserverRun:
    """Feed ``pictures``, 15 s before the window and ``seconds`` in it. Raises: Unavailable when nobody looks."""
    clock = SystemClock()
    with (
        tempfile.TemporaryDirectory(prefix="edgecam-bench-") as folder,
        tempfile.TemporaryDirectory(prefix="edgecam-bench-", dir="/dev/shm") as run_dir,
    ):
        agent = Agent(Path(folder), Path(run_dir))
        agent.set_up(analysis=True, preset="ultrafast", kbps=1000)
        settings = Path(folder) / "edgecam.toml"
        places = find_places(settings)[1]
        prepare_run_dir(places)
        said_at = places.status_of("observer")
        first = next(pictures)
        small = SmallFrameWriter(places.small_frames, first.width, first.height)
        log = (Path(folder) / "log").open("wb")
        observer = subprocess.Popen(
            [sys.executable, "-m", "edgecam.observer", str(settings)], stdout=log, stderr=log, cwd=folder
        )
        try:
            feeder = _Feeder(small, pictures, clock)
            feeder.feed(_WARMING_S)
            before, said_before = _process(observer.pid, folder), read_status(said_at, ObserverStatus)
            feeder.feed(seconds)
            after, said = _process(observer.pid, folder), read_status(said_at, ObserverStatus)
        finally:
            observer.terminate()
            try:
                observer.wait(_STOPS_WITHIN_S)
            except subprocess.TimeoutExpired:
                observer.kill()
                observer.wait()
            log.close()
            small.close()
    if said is None or said_before is None or said.frames <= said_before.frames:
        raise Unavailable("the observer looked at nothing", do="look at its log")
    share = (after.cpu_s - before.cpu_s) / seconds
    return ObserverRun(share, after.peak_rss_mb, said.frames - said_before.frames, said.events, said.look_ms)


class _Feeder:
    def __init__(self, small: SmallFrameWriter, pictures: Iterator[Picture], clock: SystemClock) -> None:
        self._small, self._pictures, self._clock = small, pictures, clock
        self._sequence = 0
        self._due_ns = clock.mono_ns()

    def feed(self, seconds: float) -> None:
        for _ in range(round(seconds * SHOWN_PER_S)):
            picture = next(self._pictures)
            self._clock.sleep((self._due_ns - self._clock.mono_ns()) / NS_PER_S)
            now = self._clock.now()
            self._small.publish(picture, now.mono_ns, now.wall_ns, self._sequence, False)
            self._sequence += 1
            self._due_ns += NS_PER_S // SHOWN_PER_S


def _process(pid: int, folder: str) -> Process:
    found = tree(pid).get(pid)
    if found is None:
        said = (Path(folder) / "log").read_text(errors="replace")
        raise Unavailable(f"the observer ended; it said: {said[-600:]}")
    return found
