"""The kernel's own errors under the real recorder: it goes on or resumes by itself, says so, and loses nothing."""

from __future__ import annotations

import fcntl
import itertools
import os
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from agentstand import Agent, camera, wait_until
from mountstand import loop_device, mounted, needs, run

from edgecam.core.errors import MediaFailing
from edgecam.ringbuffer.check import check_ring
from edgecam.ringbuffer.format import SegmentHeader, Superblock
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.recovery import read_superblock

pytestmark = pytest.mark.row("R9")

_MIB = 1 << 20
_RING = 24 * _MIB
# <linux/loop.h>
_LOOP_SET_STATUS64, _LOOP_GET_STATUS64 = 0x4C04, 0x4C05
_LOOP_INFO = struct.Struct("=5Q4I64s64s32s2Q")
_SIZE_LIMIT = 4  # its place among the fields


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder outside pytest's, because mounts below it must be gone before anybody clears it away."""
    with tempfile.TemporaryDirectory(prefix="edgecam-faults-") as name:
        yield Path(name)


@pytest.fixture
def image(folder: Path) -> Iterator[Path]:
    """A file of the ring's size in a disk of RAM that it fills to the last byte."""
    needs("tmpfs")
    with mounted("tmpfs", "tmpfs", folder / "ram", f"size={_RING + _MIB}") as disk:
        path = disk / "image"
        with open(path, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, _RING)
        _fill(disk)
        yield path


@contextmanager
def _recording_on(ring: Path, folder: Path) -> Iterator[Agent]:
    """A camera whose ring is ``ring``; not started."""
    with camera(folder / "camera", made=False) as agent:
        agent.configure({"ring": {"path": str(ring), "size_gib": _RING / 2**30}})
        agent.setup()
        yield agent


def _superblock(ring: Path) -> Superblock:
    medium = FileMedium.open(ring, writable=False)
    try:
        return read_superblock(medium)
    finally:
        medium.close()


def _head_offset(ring: Path) -> int:
    """Where on the medium the next record goes."""
    medium = FileMedium.open(ring, writable=False)
    try:
        reader = RingReader(medium)
        return reader.superblock.byte_offset(list(reader.segments())[-1].end_position)
    finally:
        medium.close()


def _punch(image: Path, offset: int, size: int) -> None:
    """Take the room at ``offset`` away from a file on a full disk: writes there cannot be carried out any more."""
    run("fallocate", "--punch-hole", "--offset", str(offset), "--length", str(size), str(image))
    _fill(image.parent)


def _fill(disk: Path) -> None:
    """Let a file take all the room that is left."""
    with open(disk / "filler", "ab", buffering=0) as filler, suppress(OSError):
        for _ in itertools.count():
            filler.write(bytes(4096))


def _medium_faults(agent: Agent) -> list[str]:
    said = agent.recorder
    return [fault.sentence for fault in said.faults if fault.code == "medium"] if said else []


def _wait_medium_fault(agent: Agent, *words: str) -> None:
    """Until the recorder says that something is wrong with the medium, in one of ``words``."""
    wait_until(
        lambda: any(word in told for told in _medium_faults(agent) for word in words or ("",)),
        "a fault of the medium",
    )


def _same_footage(before: list[SegmentHeader], agent: Agent) -> None:
    """Everything of ``before`` is there still, and opens."""
    after = agent.headers()
    assert after[: len(before)] == before
    copies = agent.copy()
    assert copies


def _causes(headers: list[SegmentHeader]) -> list[str]:
    return [header.gap_cause.name for header in headers if header.gap_cause.name != "NONE"]


@pytest.mark.long
def test_places_that_cannot_be_written_are_left_out_without_a_gap(image: Path, folder: Path) -> None:
    with loop_device(image) as device, _recording_on(device, folder) as agent:
        with agent.started():
            agent.wait_recording(4)
        before = agent.headers()
        # Right where the next record begins: of a write that reaches into a hole from before it, the loop device
        # swallows the rest without a word.
        _punch(image, _head_offset(device), 64 * 4096)
        with agent.started():
            _wait_medium_fault(agent, "left out")
            agent.wait_recording(4)
        _same_footage(before, agent)
        assert _causes(agent.headers()) == ["FIRST_START", "PLANNED_STOP"]
        assert agent.places.bad_places.exists()
        medium = FileMedium.open(device, writable=False)
        assert check_ring(medium) == []
        medium.close()


@pytest.mark.long
def test_a_disk_that_is_full_below_the_device_is_waited_for(image: Path, folder: Path) -> None:
    with loop_device(image) as device, _recording_on(device, folder) as agent:
        with agent.started():
            agent.wait_recording(4)
        before = agent.headers()
        # Nothing but what was written until now has its room any more, neither slots nor data.
        block, head = _superblock(device), _head_offset(device)
        _punch(image, block.table_offset + 4096, block.data_offset - block.table_offset - 4096)
        _punch(image, head, _RING - head)
        agent.start()
        _wait_medium_fault(agent)
        (image.parent / "filler").unlink()
        agent.wait_recording(4)
        agent.stop()
        _same_footage(before, agent)
        assert _causes(agent.headers()) == ["FIRST_START", "PLANNED_STOP"]


@contextmanager
def _shrunk(device: Path) -> Iterator[None]:
    """Meanwhile the device has no byte: every access is an error, and what lies below is untouched."""
    _limit(device, 512)
    try:
        yield
    finally:
        _limit(device, 0)


def _limit(device: Path, size: int) -> None:
    # Opened anew for each try: the kernel refuses while pages of it are being read.
    def limited() -> bool:
        with open(device, "rb", buffering=0) as opened:
            fields = list(_LOOP_INFO.unpack(fcntl.ioctl(opened, _LOOP_GET_STATUS64, bytes(_LOOP_INFO.size))))
            fields[_SIZE_LIMIT] = size
            with suppress(OSError):
                fcntl.ioctl(opened, _LOOP_SET_STATUS64, _LOOP_INFO.pack(*fields))
                return True
        return False

    wait_until(limited, "the device changes its size")


def test_a_device_that_is_gone_and_comes_back_costs_no_second(image: Path, folder: Path) -> None:
    with loop_device(image) as device, _recording_on(device, folder) as agent:
        with agent.started():
            agent.wait_recording(4)
            before = agent.headers()
            with _shrunk(device):
                _wait_medium_fault(agent)
                wait_until(lambda: agent.recorder is not None and not agent.recorder.recording, "it says so")
            agent.wait_recording(12)
            wait_until(lambda: not _medium_faults(agent), "the fault goes")
        _same_footage(before, agent)
        assert _causes(agent.headers()) == ["FIRST_START"]
        assert not agent.places.bad_places.exists()


def test_footage_that_cannot_be_read_any_more_is_not_written_over(image: Path, folder: Path) -> None:
    with loop_device(image) as device, _recording_on(device, folder) as agent:
        with agent.started():
            agent.wait_recording(8)
        before = agent.headers()
        block = _superblock(device)
        medium = FileMedium.open(device, writable=False)
        # Two, however busy the street: a reader passes 16 pieces of 64 KiB before it gives up.
        lost = list(RingReader(medium).segments())[-2]
        medium.close()
        # The file below ends in the middle of what was committed; the device does not know.
        run("blockdev", "--flushbufs", str(device))
        os.truncate(image, block.byte_offset(lost.position))
        run("blockdev", "--flushbufs", str(device))
        with agent.started():
            agent.wait_recording(4)
        kept = [header for header in before if header.sequence < lost.header.sequence]
        after = agent.headers()
        assert after[: len(kept)] == kept
        assert after[len(kept)].sequence > before[-1].sequence
        # What is missing is named, and what is there is whole.
        medium = FileMedium.open(device, writable=False)
        assert {finding.epoch for finding in check_ring(medium)} == {lost.header.epoch}
        reader = RingReader(medium)
        assert all(reader.sealed_payload(stored) for stored in reader.segments())
        medium.close()


@pytest.mark.long
def test_a_file_system_that_becomes_read_only_is_told_and_keeps_what_it_has(folder: Path) -> None:
    needs("ext4", "mkfs.ext4", "e2fsck")
    with open(folder / "image", "wb") as file:
        file.truncate(2 * _RING)
    run("mkfs.ext4", "-q", str(folder / "image"))
    with loop_device(folder / "image") as device:
        trigger = Path("/sys/fs/ext4") / device.name / "trigger_fs_error"
        with mounted("ext4", str(device), folder / "disk", "errors=remount-ro") as disk:
            if not trigger.exists():
                pytest.skip("this kernel cannot be told to fail")
            with _recording_on(disk / "ring", folder) as agent:
                with agent.started():
                    agent.wait_recording(4)
                    before = agent.headers()
                    trigger.write_text("a test")
                    _wait_medium_fault(agent, "read-only", "error")
                    wait_until(lambda: agent.recorder is not None and not agent.recorder.recording, "it says so")
                # Mended by its owner, it goes on where it was.
                run("umount", str(disk))
                subprocess.run(["e2fsck", "-fy", str(device)], capture_output=True, check=False)
                run("mount", "-t", "ext4", str(device), str(disk))
                with agent.started():
                    agent.wait_recording(4)
                _same_footage(before, agent)
                assert _causes(agent.headers())[0] == "FIRST_START"


def test_a_full_disk_under_register_and_outbox_does_not_stop_the_recording(folder: Path) -> None:
    needs("ext4", "mkfs.ext4")
    for name, size in (("state-image", 16 * _MIB), ("ring-image", _RING)):
        with open(folder / name, "wb") as file:
            file.truncate(size)
    run("mkfs.ext4", "-q", "-m", "0", str(folder / "state-image"))
    with (
        loop_device(folder / "ring-image") as ring,
        loop_device(folder / "state-image") as device,
        mounted("ext4", str(device), folder / "disk") as disk,
        _recording_on(ring, disk) as agent,
    ):
        agent.configure({"analysis": {"enabled": True}})
        with agent.started():
            _fill(disk)
            agent.wait_recording(8)
            before = agent.headers()
            (disk / "filler").unlink()
            agent.wait_recording(4)
        _same_footage(before, agent)
        assert _causes(agent.headers()) == ["FIRST_START"]


def test_after_a_failed_flush_the_medium_shows_what_it_really_holds(image: Path, folder: Path) -> None:
    with loop_device(image) as device:
        medium = FileMedium.open(device, writable=True)
        medium.write_at(8 * _MIB, b"old" * 4096)
        medium.flush()
        run("blockdev", "--flushbufs", str(device))
        _punch(image, 8 * _MIB, 4096)
        medium.write_at(8 * _MIB, b"new" * 4096)
        with pytest.raises(MediaFailing):
            medium.flush()
        # What the page cache holds of it is not on the medium, and nobody may take it for committed.
        assert not medium.read_at(8 * _MIB, 4096).startswith(b"new")
        medium.close()
