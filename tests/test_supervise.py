"""What the supervisor does with an order to restart a part."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from newcamerastand import NewCameraStand, take
from setclock import ForwardClock

from edgecam.part import REFUSED
from edgecam.places import Places
from edgecam.restartorder import order_restart
from edgecam.settings import Settings
from edgecam.stage import Stage
from edgecam.supervise import Part, Supervisor
from edgecam.web.firststeps import SetupStep

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


@pytest.mark.row("W4")
def test_settings_are_taken_up_at_once_however_often_they_change(tmp_path: Path) -> None:
    """Also right after a command, and without making one wait."""
    clock = ForwardClock()
    places = Places(tmp_path / "edgecam.toml", tmp_path, tmp_path, tmp_path / "ring", tmp_path / "masks.json")
    supervisor = Supervisor(Settings(), places, clock=clock)
    part = Part("hub")
    supervisor.parts = [part]
    command, change = places.restart_of("hub"), places.renewal_of("hub")
    ordered: list[bool] = []
    for clock.forward_s, order in ((0, change), (1, change), (2, command), (3, change), (4, command)):
        part.started_ns = part.beat_ns = clock.mono_ns()
        with running(part):
            order_restart(order, 0)
            assert supervisor._look() is None
            ordered.append(part.end_by_ns > 0)
            assert order.exists() != ordered[-1]
    assert ordered == [True, True, True, True, False]


@pytest.mark.row("W1")
def test_after_the_first_run_a_camera_that_is_refused_ends_nothing(tmp_path: Path) -> None:
    """Whoever sets it up stands before the page, which must stay to say what is wrong."""
    stand = NewCameraStand(tmp_path / "camera")
    run, clock = stand.first_run(), ForwardClock()
    take(run, SetupStep.OWNER)
    supervisor = Supervisor(Settings(), stand.places, clock=clock)
    supervisor.stage = Stage.OWNED
    supervisor.parts = supervisor._parts()
    (hub,) = supervisor.parts
    now_ns = clock.mono_ns()
    assert supervisor._over(hub, 0, now_ns) is None
    assert supervisor._over(hub, REFUSED, now_ns) == 1
    take(run, SetupStep.RETENTION)
    stand.places.settings.write_text(stand.places.settings.read_text() + '[telemetry]\nbroker = "off"\n')
    supervisor._look_at_stage(now_ns + 2_000_000_000)
    assert [part.name for part in supervisor.parts] == ["recorder", "observer", "hub"]
    assert supervisor.parts[-1] is hub
    recorder = supervisor.parts[0]
    assert supervisor._over(recorder, REFUSED, now_ns) is None
    assert supervisor._over(recorder, 0, now_ns) == 0
