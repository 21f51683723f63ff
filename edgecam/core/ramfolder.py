"""Whether a folder lies in RAM, where nothing of it outlives the power."""

from __future__ import annotations

import os
from pathlib import Path

from edgecam.core.errors import BadInput

_RAM_FILESYSTEMS = frozenset({"tmpfs", "ramfs"})


def require_ram(folder: Path) -> None:
    """Refuse a folder that is not in RAM: pictures there would be readable on a stolen medium.

    Raises: BadInput.
    """
    device = os.stat(folder).st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields, _, tail = line.partition(" - ")
        if fields.split()[2] == wanted:
            if tail.split()[0] in _RAM_FILESYSTEMS:
                return
            break
    raise BadInput(
        f"{folder} is not in RAM", do="name a folder on a tmpfs, such as /dev/shm/edgecam, as paths.run_dir"
    )
