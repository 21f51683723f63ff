"""How soon a killed observer looks again: a whole agent at work, whose observer is ended by SIGKILL."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from pathlib import Path

from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import Unavailable
from edgecam.core.status import ObserverStatus, read_status
from edgecam.places import find_places
from parts.agent import CLOCK, Agent

# One that lived as long was healthy to its supervisor, which starts the next one at once.
_LIVES_S = 11.0
# Each kill meets another moment of a look.
_LATER_S = 0.07
_LOOKS_WITHIN_S = 30.0
_POLL_S = 0.02


def observer_returns(source: str, kills: int) -> list[float]:
    """Seconds from each of ``kills`` to a look of the observer that follows, as that one's status tells it.

    Raises: Unavailable when it did not look, or without a detector.
    """
    with (
        tempfile.TemporaryDirectory(prefix="edgecam-bench-") as folder,
        tempfile.TemporaryDirectory(prefix="edgecam-bench-", dir="/dev/shm") as run_dir,
    ):
        agent = Agent(Path(folder), Path(run_dir))
        agent.set_up(analysis=True, preset="ultrafast", kbps=1000)
        said_at = find_places(Path(folder) / "edgecam.toml")[1].status_of("observer")
        returned_s: list[float] = []
        with agent.running(source) as supervisor:
            pid = _looking(supervisor, said_at, 0).pid
            for number in range(kills):
                CLOCK.sleep(_LIVES_S + _LATER_S * number)
                killed_ns = CLOCK.mono_ns()
                os.kill(pid, signal.SIGKILL)
                back = _looking(supervisor, said_at, pid)
                returned_s.append((back.beat_mono_ns - killed_ns) / NS_PER_S)
                pid = back.pid
    return returned_s


def _looking(supervisor: subprocess.Popen[bytes], said_at: Path, before: int) -> ObserverStatus:
    """What an observer other than process ``before`` first says after it has looked."""
    deadline_ns = CLOCK.mono_ns() + int(_LOOKS_WITHIN_S * NS_PER_S)
    while supervisor.poll() is None and CLOCK.mono_ns() < deadline_ns:
        said = read_status(said_at, ObserverStatus)
        if said is not None and said.pid != before and said.frames:
            if said.detector == "none":
                raise Unavailable("the observer found no detector", do="install the detector's runtime")
            return said
        CLOCK.sleep(_POLL_S)
    raise Unavailable("the observer does not look", do="look at the agent's log")
