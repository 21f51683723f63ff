"""The image's units: three users, three sandboxes, and a camera that works in them without a supervisor."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from agentstand import is_alive, wait_until
from unitsandbox import UNITS, read_unit, setting, system_calls
from unitstand import PARTS, UnitStand, three_users

from edgecam.restartorder import order_restart
from edgecam.ringbuffer.format import GapCause

pytestmark = pytest.mark.row("I3")

PROJECT = Path(__file__).parents[2]
ROOTFS = UNITS.parents[3]
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can be three users")


@needs_systemd
@pytest.mark.parametrize("part", PARTS)
def test_a_unit_is_exposed_by_2_0_at_most(part: str) -> None:
    unit = str(UNITS / f"edgecam-{part}.service")
    told = subprocess.run(
        ["systemd-analyze", "security", "--no-pager", "--offline=yes", "--threshold=20", unit],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr


@needs_systemd
@pytest.mark.parametrize("part", PARTS)
def test_a_part_may_ask_whether_the_clock_is_set_and_may_not_set_it(part: str) -> None:
    assert {"adjtimex"} == system_calls(part) & {"adjtimex", "clock_adjtime", "clock_settime", "settimeofday"}
    assert not system_calls(part) & {"mount", "ptrace", "bpf", "chown", "setuid", "init_module", "reboot", "keyctl"}
    assert (setting(part, "CapabilityBoundingSet"), setting(part, "AmbientCapabilities")) == ("", "")


def test_only_the_hub_has_a_network_and_only_the_recorder_a_camera() -> None:
    assert [part for part in PARTS if ("PrivateNetwork", "yes") not in read_unit(part)] == ["hub"]
    devices = {part: {value for key, value in read_unit(part) if key == "DeviceAllow"} for part in PARTS}
    assert devices["observer"] == {"/dev/disk/by-partlabel/ring r"}
    assert devices["hub"] == {"/dev/disk/by-partlabel/ring rw"}
    assert "char-video4linux rw" in devices["recorder"]


def test_no_part_is_ever_given_up() -> None:
    for part in PARTS:
        assert (setting(part, "Restart"), setting(part, "Type"), setting(part, "WatchdogSec")) == (
            "always",
            "notify",
            "15s",
        )
        assert "StartLimitIntervalSec=0\n" in (UNITS / f"edgecam-{part}.service").read_text()
    worth = {part: int(setting(part, "OOMScoreAdjust")) for part in PARTS}
    assert worth["recorder"] < 0 < worth["hub"] < worth["observer"]


@needs_systemd
@needs_root
def test_users_and_folders_are_made_as_the_units_need_them(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    for kind in ("sysusers.d", "tmpfiles.d"):
        folder = tmp_path / "usr/lib" / kind
        folder.mkdir(parents=True)
        # Where systemd is older than the image's it knows no locked users.
        text = (ROOTFS / "usr/lib" / kind / "edgecam.conf").read_text().replace("\nu! ", "\nu ")
        (folder / "edgecam.conf").write_text(text)
    for program in (["systemd-sysusers"], ["systemd-tmpfiles", "--create"]):
        made = subprocess.run(
            [*program, f"--root={tmp_path}", "edgecam.conf"], capture_output=True, text=True, check=False
        )
        assert made.returncode == 0, made.stderr
    lines = [line.split(":") for line in (tmp_path / "etc/group").read_text().splitlines()]
    numbers = {name: int(number) for name, _, number, _ in lines}
    members = {name: {member for member in them.split(",") if member} for name, _, _, them in lines}
    assert members["edgecam-unmasked"] == {"edgecam-recorder", "edgecam-hub"}
    for part in PARTS:
        more = [value for key, value in read_unit(part) if key == "SupplementaryGroups"]
        assert {"edgecam", *(" ".join(more).split())} == {
            name for name in members if f"edgecam-{part}" in members[name]
        }
    for name, group in (("edgecam", "edgecam"), ("edgecam/unmasked", "edgecam-unmasked")):
        found = (tmp_path / "run" / name).stat()
        assert (stat.S_IMODE(found.st_mode), found.st_gid) == (0o2770, numbers[group])


@pytest.fixture(scope="module")
def camera() -> Iterator[UnitStand]:
    """Its three parts run, each as its own user in its own unit's sandbox."""
    if os.getuid() != 0 or shutil.which("systemd-analyze") is None:
        pytest.skip("only root can be three users, and only systemd names the calls of its sets")
    for place in (PROJECT, Path(sys.prefix)):
        if not all(one.stat().st_mode & stat.S_IXOTH for one in (place, *place.parents)):
            pytest.skip(f"another user does not reach {place}")
    with three_users() as stand:
        for part in PARTS:
            stand.start(part)
        for part in PARTS:
            stand.wait_ready(part)
        yield stand


def test_it_records_looks_and_answers(camera: UnitStand) -> None:
    camera.agent.wait_recording(2)
    with urllib.request.urlopen(f"http://127.0.0.1:{camera.agent.page_port}/", timeout=30) as page:
        assert b"<html" in page.read()
    wait_until(lambda: camera.agent.observer is not None and camera.agent.observer.frames > 10, "it looks")
    observer = camera.agent.observer
    assert observer is not None
    assert observer.detector not in ("", "none"), "native code runs where no memory is writable and executable"
    for part in PARTS:
        camera.wait_beats(part)
    assert camera.managers["recorder"].status.startswith("STATUS=recording, ")
    assert camera.agent.faults().keys() <= {"retention", "clock"}, "a small ring, a clock of nobody's"
    processes = {part: Path(f"/proc/{camera.processes[part].pid}") for part in PARTS}
    assert len({process.stat().st_uid for process in processes.values()}) == 3
    for process in processes.values():
        told = dict(line.split(":\t", 1) for line in (process / "status").read_text().splitlines())
        assert (int(told["CapEff"], 16), int(told["NoNewPrivs"]), told["Seccomp"]) == (0, 1, "2")


def test_each_part_reaches_what_it_needs_and_not_more(camera: UnitStand) -> None:
    places = camera.agent.places
    secret = places.accounts
    assert [part for part in PARTS if camera.may(part, "r", secret)] == ["hub"]
    assert [part for part in PARTS if camera.may(part, "x", places.unmasked)] == ["recorder", "hub"]
    for shared in (places.camera_key, places.register.parent, places.ring, places.recipients, places.small_frames):
        assert all(camera.may(part, "r", shared) for part in PARTS), shared


def test_what_is_ordered_ends_a_part_and_it_comes_back(camera: UnitStand) -> None:
    places = camera.agent.places
    before = camera.agent.observer
    assert before is not None
    order_restart(places.restart_of("observer"), 0)
    assert camera.ended("observer") == 0
    camera.start("observer")
    camera.wait_ready("observer")
    again = camera.agent.observer
    assert again is not None
    assert (again.restarts, again.pid != before.pid) == (before.restarts + 1, True)
    # A second command waits; new settings do not.
    order_restart(places.restart_of("observer"), 0)
    camera.wait_beats("observer", 3)
    assert places.restart_of("observer").exists()
    order_restart(places.renewal_of("recorder"), 0)
    assert camera.ended("recorder") == 0
    camera.start("recorder")
    camera.wait_ready("recorder")
    camera.agent.wait_recording(1)
    assert GapCause.PLANNED_STOP in {header.gap_cause for header in camera.agent.headers()}


def test_a_part_that_stands_still_beats_no_more(camera: UnitStand) -> None:
    hub = camera.processes["hub"]
    camera.wait_beats("hub")
    hub.send_signal(signal.SIGSTOP)
    camera.managers["hub"].forget()
    camera.wait_beats("recorder", 3)
    assert camera.managers["hub"].count("WATCHDOG=1") == 0
    hub.send_signal(signal.SIGCONT)
    camera.wait_beats("hub")


def test_it_stops_cleanly(camera: UnitStand) -> None:
    pids = [process.pid for process in camera.processes.values()]
    assert dict(camera.stop()) == dict.fromkeys(PARTS, 0)
    assert not any(is_alive(pid) for pid in pids)
    note = camera.agent.places.stop_note
    assert [part for part in PARTS if camera.may(part, "r", note)] == ["recorder"], "what is the recorder's alone"
    assert "Traceback" not in camera.agent.said()
