"""Disks to measure on: a folder on the disk, block devices over files in it, and what the kernel counts of them."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

_SECTOR_SIZE = 512
_WRITTEN_SECTORS = 6  # of /sys/block/*/stat, see Documentation/block/stat.rst
IS_ROOT = os.geteuid() == 0


@contextmanager
def work_folder() -> Iterator[Path]:
    """A folder on the disk that is measured, gone afterwards, also when this process is asked to end."""
    parent = Path(
        os.environ.get("EDGECAM_BENCH_CACHE")
        or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "edgecam-bench"
    )
    parent.mkdir(parents=True, exist_ok=True)
    before = signal.signal(signal.SIGTERM, _leave)
    try:
        with tempfile.TemporaryDirectory(prefix="ring-", dir=parent) as folder:
            yield Path(folder)
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def loop_device(image: Path, size_bytes: int) -> Iterator[Path]:
    """A block device over the new file ``image``; both are gone afterwards. Needs root."""
    with image.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, size_bytes)
    attached = subprocess.run(
        ["losetup", "--find", "--show", str(image)], capture_output=True, text=True, check=True
    )
    device = Path(attached.stdout.strip())
    try:
        yield device
    finally:
        subprocess.run(["losetup", "--detach", str(device)], check=True)
        image.unlink()


@contextmanager
def ext4(device: Path, folder: Path, options: str) -> Iterator[Path]:
    """``device`` with a new ext4 on it, mounted at the new folder ``folder``."""
    # Tables that would be written later, in the background, would be counted as ours.
    subprocess.run(["mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", str(device)], check=True)
    folder.mkdir()
    subprocess.run(["mount", "-o", options, str(device), str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()


def can_loop() -> bool:
    """Whether block devices can be made here."""
    return IS_ROOT and Path("/dev/loop-control").exists() and shutil.which("losetup") is not None


def written_to(device: Path) -> int:
    """Bytes written to a block device since the machine started."""
    return int(Path(f"/sys/block/{device.name}/stat").read_text().split()[_WRITTEN_SECTORS]) * _SECTOR_SIZE


def written_by_us() -> int:
    """Bytes that this process caused to be written to any disk, whole pages of the page cache, see proc(5)."""
    lines = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(lines["write_bytes"])


def settle(path: Path) -> None:
    """Have everything written that belongs to the file system (or block device) of ``path``."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        ctypes.CDLL(None).syncfs(descriptor)
    finally:
        os.close(descriptor)


def forget(path: Path) -> str:
    """Let go of everything cached of ``path``; of the whole page cache where that is allowed. Says which."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    with suppress(OSError):
        Path("/proc/sys/vm/drop_caches").write_text("3")
        return "page cache dropped"
    forget_pages(path)
    return "the file's pages dropped"


def forget_pages(path: Path) -> None:
    """Let go of the cached pages of ``path`` alone; they must have been written."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
