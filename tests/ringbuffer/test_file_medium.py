"""A file as medium: preallocated, locked, and every refusal of the system told in a sentence."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ringstand import SMALL_RING, append, make_ring, open_all, open_writer

from edgecam.core.errors import BadInput, MediaFailing, Unavailable
from edgecam.ringbuffer.medium import FileMedium

NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount and use loop devices")


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder))
    except subprocess.CalledProcessError as refused:
        pytest.skip(f"this machine lets nobody mount ({refused.stderr.strip()})")
    yield folder
    run("umount", str(folder))


@pytest.fixture
def block_device(tmp_path: Path) -> Iterator[Path]:
    """A block device of 4 MiB that holds old bytes."""
    image = tmp_path / "device.img"
    image.write_bytes(os.urandom(4 << 20))
    try:
        device = run("losetup", "--find", "--show", str(image))
    except (subprocess.CalledProcessError, FileNotFoundError) as refused:
        pytest.skip(f"this machine has no loop device to give ({refused})")
    yield Path(device)
    run("losetup", "--detach", device)


def test_a_created_file_has_all_its_room(tmp_path: Path) -> None:
    FileMedium.create(tmp_path / "ring", SMALL_RING).close()
    facts = (tmp_path / "ring").stat()
    assert facts.st_size == SMALL_RING
    assert facts.st_blocks * 512 >= SMALL_RING
    assert facts.st_mode & 0o777 == 0o600


def test_zeroing_keeps_the_room(tmp_path: Path) -> None:
    medium = FileMedium.create(tmp_path / "ring", SMALL_RING)
    medium.write_at(0, b"x" * SMALL_RING)
    medium.zero(0, SMALL_RING)
    medium.flush()
    assert (tmp_path / "ring").stat().st_blocks * 512 >= SMALL_RING


def test_a_file_that_exists_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "ring").write_bytes(b"somebody's")
    with pytest.raises(BadInput, match="exists already"):
        FileMedium.create(tmp_path / "ring", SMALL_RING)
    assert (tmp_path / "ring").read_bytes() == b"somebody's"


def test_one_ring_has_one_writer_and_any_number_of_readers(tmp_path: Path) -> None:
    path = tmp_path / "ring"
    first = FileMedium.create(path, SMALL_RING)
    make_ring(first)
    writer = open_writer(first)
    append(writer, 0)
    with pytest.raises(Unavailable, match="another recorder"):
        FileMedium.open(path, writable=True)
    assert list(open_all(FileMedium.open(path, writable=False))) == [0]
    writer.close()
    assert append(open_writer(FileMedium.open(path, writable=True)), 1).sequence == 1


def test_the_lock_goes_with_a_writer_that_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "ring"
    FileMedium.create(path, SMALL_RING).close()
    held = (
        "import sys, pathlib; from edgecam.ringbuffer.medium import FileMedium;"
        "m = FileMedium.open(pathlib.Path(sys.argv[1]), writable=True); print('held', flush=True); sys.stdin.read()"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", held, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        with pytest.raises(Unavailable):
            FileMedium.open(path, writable=True)
        child.kill()
    FileMedium.open(path, writable=True).close()


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    FileMedium.create(tmp_path / "ring", SMALL_RING).close()
    with pytest.raises(MediaFailing):
        FileMedium.open(tmp_path / "ring", writable=False).write_at(0, b"x")


def test_what_is_not_there_or_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no ring"):
        FileMedium.open(tmp_path / "nothing", writable=True)
    with pytest.raises(BadInput, match="is a folder"):
        FileMedium.open(tmp_path, writable=True)
    with pytest.raises(BadInput, match="neither a file nor a block device"):
        FileMedium.open(Path("/dev/null"), writable=True)


@NEEDS_ROOT
@pytest.mark.row("R9")
def test_a_full_disk_is_told_and_leaves_nothing_behind(tiny_disk: Path) -> None:
    with pytest.raises(MediaFailing, match=r"no room .* smaller ring"):
        FileMedium.create(tiny_disk / "ring", 16 << 20)
    assert list(tiny_disk.iterdir()) == []


@NEEDS_ROOT
@pytest.mark.row("R9")
def test_a_preallocated_ring_does_not_care_that_the_disk_is_full(tiny_disk: Path) -> None:
    medium = FileMedium.create(tiny_disk / "ring", SMALL_RING)
    make_ring(medium)
    with pytest.raises(OSError, match="No space left"):
        (tiny_disk / "other").write_bytes(bytes(2 << 20))
    writer = open_writer(medium)
    for i in range(200):
        append(writer, i)
    assert max(open_all(medium)) == 199
    writer.close()


@NEEDS_ROOT
@pytest.mark.row("R9")
def test_a_medium_that_has_become_read_only_is_told(tiny_disk: Path) -> None:
    medium = FileMedium.create(tiny_disk / "ring", SMALL_RING)
    medium.close()
    run("mount", "-o", "remount,ro", str(tiny_disk))
    with pytest.raises(MediaFailing, match="read-only"):
        FileMedium.open(tiny_disk / "ring", writable=True)


def test_a_file_size_limit_is_a_full_medium(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL_RING // 2, hard))
    try:
        with pytest.raises(MediaFailing, match="no room"):
            FileMedium.create(tmp_path / "ring", SMALL_RING)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not (tmp_path / "ring").exists()


def test_a_ring_without_permission_is_told(tmp_path: Path) -> None:
    path = tmp_path / "ring"
    FileMedium.create(path, SMALL_RING).close()
    path.chmod(0)
    tmp_path.chmod(0o755)
    attempt = (
        "import os, pathlib\n"
        "from edgecam.core.errors import MediaFailing\n"
        "from edgecam.ringbuffer.medium import FileMedium\n"
        "if os.geteuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "try: FileMedium.open(pathlib.Path('ring'), writable=True)\n"
        "except MediaFailing as refused: print(refused)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", attempt], check=True, capture_output=True, text=True, cwd=tmp_path
    ).stdout
    assert "may not be opened by this user: check the permissions" in told


@NEEDS_ROOT
@pytest.mark.row("R9")
def test_a_block_device_that_ends_early_is_told(block_device: Path) -> None:
    medium = FileMedium.open(block_device, writable=True)
    with pytest.raises(MediaFailing, match="no room where it had some: check or replace the medium"):
        medium.write_at(medium.size_bytes, b"x" * 4096)
    with pytest.raises(MediaFailing, match="ends at byte"):
        medium.read_at(medium.size_bytes, 1)
    medium.close()


@NEEDS_ROOT
def test_a_block_device_is_a_ring_too(block_device: Path) -> None:
    medium = FileMedium.create(block_device, 0)
    assert medium.size_bytes == 4 << 20
    make_ring(medium)
    writer = open_writer(medium)
    for i in range(500):
        append(writer, i)
    writer.close()
    again = FileMedium.open(block_device, writable=True)
    assert open_writer(again).last is not None
    assert max(open_all(again)) == 499
    again.zero(0, again.size_bytes)
    again.flush()
    assert not any(again.reread_at(0, again.size_bytes))
    again.close()
