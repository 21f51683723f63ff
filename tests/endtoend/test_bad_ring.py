"""Rings, folders, disks and passphrases that cannot be used: one sentence, exit code 1, nothing committed lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from agentstand import PASSPHRASE, RUN_ROOT, Agent, NewCamera, camera, frame_times_s, owner


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    """A stopped camera with some footage; tests take copies of it."""
    with camera(tmp_path_factory.mktemp("ring") / "camera") as agent:
        with agent.started():
            agent.wait_recording(4)
        yield agent


@contextmanager
def _copy_of(recorded: Agent, folder: Path) -> Iterator[Agent]:
    with camera(folder, made=False) as agent:
        shutil.copytree(recorded.places.state_dir, agent.places.state_dir)
        yield agent


def test_the_ring_of_another_camera(recorded: Agent, new_camera: NewCamera) -> None:
    other = new_camera()
    shutil.copy(recorded.places.ring, other.places.ring)
    refusal = other.refused_run()
    assert recorded.key.camera_id in refusal
    assert other.key.camera_id in refusal
    assert other.places.ring.read_bytes() == recorded.places.ring.read_bytes()


@pytest.mark.parametrize("left", [0, 100, 1 << 20, (1 << 26) - 4096])
def test_a_truncated_ring(recorded: Agent, tmp_path: Path, left: int) -> None:
    with _copy_of(recorded, tmp_path / "camera") as agent:
        os.truncate(agent.places.ring, left)
        refusal = agent.refused_run()
        assert "not a ring" in refusal or "was cut to" in refusal
        assert "nothing was written to it" in refusal
        # Put together again, it is what it was.
        shutil.copy(recorded.places.ring, agent.places.ring)
        assert agent.headers() == recorded.headers()


def test_a_ring_that_is_something_else(recorded: Agent, tmp_path: Path) -> None:
    with _copy_of(recorded, tmp_path / "camera") as agent:
        agent.places.ring.write_bytes(os.urandom(1 << 22))
        assert "not a ring" in agent.refused_run()
        assert "not a ring" in agent.command("recordings").refusal
        checked = agent.command("check")
        assert (checked.code, "not a ring" in checked.out) == (1, True)
        agent.places.ring.unlink()
        agent.places.ring.mkdir()
        assert "is a folder" in agent.refused_run()


def test_no_ring_at_all(recorded: Agent, tmp_path: Path) -> None:
    with _copy_of(recorded, tmp_path / "camera") as agent:
        agent.places.ring.unlink()
        assert "there is no ring at" in agent.refused_run()
        for command in (
            ("recordings",),
            ("check",),
            ("export", "--from", "-1m", "-o", "x.mp4"),
            ("dispose", "--yes"),
        ):
            assert "there is no ring at" in agent.command(*command).refusal


def test_a_ring_too_small_to_be_one(recorded: Agent, tmp_path: Path) -> None:
    with _copy_of(recorded, tmp_path / "camera") as agent:
        agent.places.ring.write_bytes(bytes(4096))
        assert "not a ring" in agent.refused_run()
        refusal = agent.command("setup").refusal
        assert "4096 bytes are too small for a ring" in refusal
        assert "at least 1 MiB" in refusal


@pytest.mark.row("R9")
def test_no_camera_was_ever_set_up(new_camera: NewCamera) -> None:
    agent = new_camera(made=False)
    export = ("export", "--from", "-1m", "-o", "x.mp4")
    for command in (("run", "--for", "3"), ("recordings",), export, ("dispose", "--yes")):
        refusal = agent.command(*command).refusal
        assert "run `edgecam setup`" in refusal or "there is no ring" in refusal


@pytest.mark.row("K2")
def test_a_wrong_or_missing_passphrase(recorded: Agent, tmp_path: Path) -> None:
    with _copy_of(recorded, tmp_path / "camera") as agent:
        asked = ("export", "--from", "1970-01-01", "-o", "x.mp4")
        wrong = agent.command(*asked, EDGECAM_PASSPHRASE="not the owner's")
        assert "does not open the owner's key" in wrong.refusal
        agent.places.locked_owner.write_bytes(b"not an age file" * 20)
        assert "damaged" in agent.command(*asked).refusal
        agent.places.locked_owner.unlink()
        assert "cannot be read" in agent.command(*asked).refusal
        agent.places.locked_owner.write_bytes(owner()[1])
        nothing = agent.command(*asked, EDGECAM_PASSPHRASE="")
        assert "does not open" in nothing.refusal
        assert not (agent.folder / "x.mp4").exists()
        assert agent.headers() == recorded.headers()


def test_nobody_is_there_to_type_a_passphrase(recorded: Agent, new_camera: NewCamera) -> None:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("EDGECAM_")}
    new = new_camera(made=False)
    for agent, *command in ((recorded, "export", "--from", "1970-01-01", "-o", "x.mp4"), (new, "setup")):
        line = [sys.executable, "-m", "edgecam", command[0], "--settings", str(agent.settings), *command[1:]]
        done = subprocess.run(
            line, env=bare, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, cwd=agent.folder
        )
        assert done.returncode == 1
        assert "a passphrase is needed" in done.stderr
        assert "EDGECAM_PASSPHRASE" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_passphrase_too_short_makes_no_camera(new_camera: NewCamera) -> None:
    agent = new_camera(made=False)
    assert "take at least" in agent.command("setup", EDGECAM_PASSPHRASE="short").refusal
    assert not agent.places.locked_owner.exists()
    assert agent.command("setup", EDGECAM_PASSPHRASE=PASSPHRASE).code == 0


@contextmanager
def _small_disk(size_mib: int) -> Iterator[Path]:
    if os.getuid() != 0:
        pytest.skip("only root may mount a small disk")
    folder = Path(tempfile.mkdtemp(prefix="edgecam-disk-"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size_mib}m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        folder.rmdir()
        pytest.skip("this machine lets nobody mount a disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()


@pytest.mark.row("R9")
def test_a_disk_too_small_for_the_ring(recorded: Agent) -> None:
    with _small_disk(8) as disk, camera(disk / "camera", made=False) as agent:
        refusal = agent.command("setup").refusal
        assert f"there is no room for {agent.places.ring}" in refusal
        assert "smaller ring" in refusal
        assert not agent.places.ring.exists()
        agent.configure({"ring": {"size_gib": 0.0157}})
        assert "no room" in agent.command("setup").refusal


@pytest.mark.row("R9")
def test_a_disk_that_is_full_beside_the_ring_does_not_stop_the_recording() -> None:
    with _small_disk(24) as disk, camera(disk / "camera", made=False) as agent:
        agent.configure({"ring": {"size_gib": 0.0157}})
        agent.setup()
        with agent.started():
            with open(disk / "somebody-elses", "wb", buffering=0) as filler:
                try:
                    while True:
                        filler.write(bytes(1 << 16))
                except OSError:
                    pass
            agent.wait_recording(4)
            before = agent.headers()
            (disk / "somebody-elses").unlink()
        assert agent.headers()[: len(before)] == before
        assert len(frame_times_s(agent.copy()[0])) == sum(header.frame_count for header in agent.headers())


@contextmanager
def _only_readable(*paths: Path) -> Iterator[None]:
    """Nobody may write to ``paths`` meanwhile, not even their owner."""
    if os.getuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("root may do anything, and setpriv is not installed to change that")
    modes = [path.stat().st_mode for path in paths]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        yield
    finally:
        for path, mode in zip(paths, modes, strict=True):
            path.chmod(mode)


@pytest.mark.row("R9")
def test_a_folder_in_which_nothing_may_be_made(new_camera: NewCamera) -> None:
    agent = new_camera(made=False)
    with _only_readable(agent.folder):
        refusal = agent.command("setup", powerless=True).refusal
        assert f"{agent.places.state_dir} cannot be made" in refusal


@pytest.mark.row("R9")
def test_a_ring_that_may_not_be_written(recorded: Agent, tmp_path: Path) -> None:
    with _copy_of(recorded, tmp_path / "camera") as agent, _only_readable(agent.places.ring):
        ran = agent.command("run", "--for", "20", powerless=True)
        assert f"{agent.places.ring} may not be opened by this user" in ran.refusal
        assert "check the permissions" in ran.refusal
        assert agent.headers() == recorded.headers()


@pytest.mark.row("R9")
def test_a_state_folder_that_may_not_be_written(recorded: Agent, tmp_path: Path) -> None:
    with _copy_of(recorded, tmp_path / "camera") as agent, _only_readable(agent.places.state_dir):
        ran = agent.command("run", "--for", "4", powerless=True)
        assert "Traceback" not in ran.err
        assert str(agent.places.state_dir) in ran.err
        assert ran.code == 1


def test_a_key_that_may_not_be_read(recorded: Agent, tmp_path: Path) -> None:
    with _copy_of(recorded, tmp_path / "camera") as agent:
        with _only_readable(agent.places.camera_key):
            agent.places.camera_key.chmod(0)
            refusal = agent.command("run", powerless=True).refusal
        assert str(agent.places.camera_key) in refusal
        assert "cannot be read" in refusal


def test_a_run_folder_that_is_not_in_ram_or_not_ours(new_camera: NewCamera, tmp_path: Path) -> None:
    agent = new_camera()
    agent.configure({"paths": {"run_dir": str(tmp_path / "on-disk")}})
    with tempfile.TemporaryFile(dir=tmp_path) as probe:
        on_disk = os.fstat(probe.fileno()).st_dev != RUN_ROOT.stat().st_dev
    if on_disk:
        assert "is not in RAM" in agent.refused_run()
    agent.configure({"paths": {"run_dir": "/proc/edgecam"}})
    assert "cannot be made" in agent.refused_run()
