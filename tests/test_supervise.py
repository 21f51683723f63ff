"""What the supervisor does with an order to restart a part."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from setclock import ForwardClock

from edgecam.places import Places
from edgecam.restartorder import order_restart
from edgecam.settings import Settings
from edgecam.supervise import Part, Supervisor

pytestmark = pytest.mark.row("T5")


@contextmanager
def running(part: Part) -> Iterator[None]:
    """``part`` as a process that does nothing, and ends when it is told to."""
    part.process, part.end_by_ns = subprocess.Popen(["sleep", "600"]), 0
    try:
        yield
    finally:
        part.process.kill()
        part.process.wait()


def test_a_part_is_not_restarted_again_and_again_by_command(tmp_path: Path) -> None:
    clock = ForwardClock()
    places = Places(tmp_path / "edgecam.toml", tmp_path, tmp_path, tmp_path / "ring", tmp_path / "masks.json")
    supervisor = Supervisor(Settings(), places, clock=clock)
    part = Part("observer")
    supervisor.parts = [part]
    ordered: list[bool] = []
    for clock.forward_s in (0, 10, 290, 301):
        part.started_ns = part.beat_ns = clock.mono_ns()
        with running(part):
            order_restart(places.restart_of("observer"), 0)
            assert supervisor._look() is None
            ordered.append(part.end_by_ns > 0)
    assert ordered == [True, False, False, True]
