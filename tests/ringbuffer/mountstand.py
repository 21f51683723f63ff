"""Real file systems on loop devices for tests; everything is unmounted and detached whatever the test did."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def run(*command: str) -> str:
    """What ``command`` printed. Raises: CalledProcessError."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def needs(kind: str, *programs: str) -> None:
    """Skip the test unless this is root, the kernel has the file system and the programs are there."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount and use loop devices")
    if kind not in Path("/proc/filesystems").read_text().split():
        pytest.skip(f"this kernel has no {kind}")
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")


@contextmanager
def loop_device(image: Path) -> Iterator[Path]:
    """A block device over the file ``image``; it may have been detached meanwhile."""
    try:
        device = run("losetup", "--find", "--show", str(image))
    except (subprocess.CalledProcessError, FileNotFoundError) as refused:
        pytest.skip(f"this machine has no loop device to give ({refused})")
    try:
        yield Path(device)
    finally:
        subprocess.run(["losetup", "--detach", device], capture_output=True, check=False)


@contextmanager
def mounted(kind: str, source: str, folder: Path, options: str = "defaults") -> Iterator[Path]:
    """``source`` mounted at the new folder ``folder``; it may have been unmounted meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        run("mount", "-t", kind, "-o", options, source, str(folder))
    except subprocess.CalledProcessError as refused:
        pytest.skip(f"this machine does not mount {kind} ({refused.stderr.strip()})")
    try:
        yield folder
    finally:
        if os.path.ismount(folder):
            # Lazily, if somebody still holds a file there: the loop device goes when that one is closed.
            gone = subprocess.run(["umount", str(folder)], capture_output=True, check=False).returncode == 0
            if not gone:
                subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def made(kind: str, folder: Path, size_mib: int, options: str = "defaults", *flags: str) -> Iterator[Path]:
    """A new file system of ``kind`` on a loop device, mounted below ``folder``; its image is ``folder``/image."""
    needs(kind, f"mkfs.{kind}")
    image = folder / "image"
    with open(image, "wb") as file:
        file.truncate(size_mib << 20)
    run(f"mkfs.{kind}", "-q", *flags, str(image))
    with loop_device(image) as device, mounted(kind, str(device), folder / "disk", options) as disk:
        yield disk
